// Hands the doctor's command over to its TypeScript sources; it decides nothing.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';

/** Resolves to the exit code. `facts`: what scripts/doctor.cjs found. */
export async function run(root, args, facts) {
  register();
  const { main } = await import(pathToFileURL(join(root, 'doctor', 'src', 'command.ts')).href);
  return main(root, args, facts);
}
