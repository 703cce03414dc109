// Letting a linked device in by the key it proved in the handshake; it never links a new one.
import { timingSafeEqual } from 'node:crypto';
import { SERVER } from './address.ts';
import type { ClientPayload, Connection } from './connection.ts';
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
    connection.end(node('failure', { reason: String(fault.code ?? 401), location: 'emulator' }));
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
}
