// WhatsApp's message formats as Baileys has them, loaded when the first is needed: they are megabytes of code, and listening needs none of them. It changes nothing in them.
import { createRequire } from 'node:module';
import type { proto } from 'baileys/WAProto/index.js';

type Formats = typeof proto;

const require = createRequire(import.meta.url);
let formats: Formats | undefined;

/** The first call takes some tenths of a second, unless somebody in this process has loaded Baileys already. */
export function wire(): Formats {
  if (formats) return formats;
  // Every supported Node can require a module of the new kind, at once and as the same instance.
  const loaded: { readonly proto: Formats } = require('baileys/WAProto/index.js');
  formats = loaded.proto;
  return formats;
}
