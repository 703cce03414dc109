// Every check there is, by id; a check that stands here twice, or an id without a check, stops the program at its start.
import { gather } from '../check.ts';
import { type CheckId, checkIds } from '../ids.ts';
import type { Check } from '../model.ts';
import { bus, database, hub, log, resources, webhooks } from './inside.ts';
import { handshake, heartbeat, hello, proxy, resume, session } from './live.ts';
import { browser, clocks, identity, names, origins, tcp } from './network.ts';
import { receive, render } from './page.ts';
import { config, envFile, processes, runtime } from './start.ts';
import { decryption, egressChecks, listener, login, socket } from './whatsapp.ts';

const byId = gather<CheckId>([
  runtime,
  envFile,
  config,
  processes,
  names,
  tcp,
  identity,
  clocks,
  origins,
  browser,
  proxy,
  handshake,
  session,
  hello,
  heartbeat,
  resume,
  egressChecks,
  socket,
  login,
  listener,
  decryption,
  database,
  log,
  bus,
  hub,
  receive,
  render,
  webhooks,
  resources,
]);

/** In the order of the rungs. */
export const checks: readonly Check<CheckId>[] = checkIds.map((id) => {
  const found = byId.get(id);
  if (found === undefined) throw new Error(`the check ${id} is missing`);
  return found;
});
