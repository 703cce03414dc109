// Letting a linked device in by the key it proved in the handshake; it never links a new one.
import { timingSafeEqual } from 'node:crypto';
import type { BinaryNode } from 'baileys/lib/WABinary/types.js';
import { SERVER } from './address.ts';
import type { ClientPayload, Connection } from './connection.ts';
import type { Fault } from './faults.ts';
import { node, words } from './nodes.ts';
import type { ClientProof } from './noise.ts';
import type { World } from './world.ts';

export function receiveLogin(world: World, connection: Connection, proof: ClientProof, payload: ClientPayload): void {
  const person = world.people.find(`${String(payload.username)}@s.whatsapp.net`);
  const device = person && world.device(person, payload.device ?? 0);
  if (!person || !device || !timingSafeEqual(device.companion.noiseKey, proof.staticKey)) {
    connection.end(node('failure', { reason: '401', location: 'emulator' }));
    return;
  }
  if (world.offline.has(person.id)) {
    connection.drop();
    return;
  }
  const fault = world.faults.take('fail-login', ...device.names);
  if (fault) {
    connection.end(failure(fault));
    return;
  }
  device.connection?.end(node('stream:error', {}, [node('conflict', { type: 'replaced' })]));
  world.bringOnline(connection, device);
  world.log.info({ device: device.id }, 'logged in');
  connection.send(
    node('success', {
      from: SERVER,
      t: String(Math.floor(world.clock() / 1000)),
      lid: device.lid,
      display_name: words(person.name),
      location: 'emulator',
      companion_enc_static: undefined,
    }),
  );
  if (!world.faults.take('edge-routing', ...device.names)) return;
  // From now on the client puts these bytes in front of its first frame; nobody here needs them.
  const info = node('routing_info', {}, Buffer.from([8, 2, 8, 5]));
  connection.send(node('ib', { from: SERVER }, [node('edge_routing', {}, [info])]));
}

/** As WhatsApp refuses a login; a ban for a time says why and for how long. */
function failure({ code = 401, expire }: Fault): BinaryNode {
  const ban = expire === undefined ? {} : { code: '101', expire: String(expire) };
  return node('failure', { reason: String(code), ...ban, location: 'emulator' });
}
