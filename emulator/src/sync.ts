// What a phone gives to a device that it has just linked: the app-state key and its history; it never syncs a device twice.

import type { Device } from './device.ts';
import { sendFirstHistory } from './history.ts';
import { sendPeerMessage } from './send.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

export function syncNewDevice(world: World, device: Device): void {
  if (device.companion.synced) return;
  device.companion.synced = true;
  device.person.save();
  sendAll(world, device).catch((error: unknown) => {
    world.log.error({ device: device.id, error: String(error) }, 'the first sync failed');
  });
}

async function sendAll(world: World, device: Device): Promise<void> {
  await shareKey(world, device);
  await sendFirstHistory(world, device);
}

/** The phone gives its app-state key to one of its devices. */
export async function shareKey(world: World, device: Device): Promise<void> {
  const { id, data } = world.appState.keyOf(device.person);
  const key = {
    keyId: { keyId: id },
    keyData: {
      keyData: data,
      fingerprint: { rawId: world.random(4).readUInt32BE() >>> 1, currentIndex: 0, deviceIndexes: [0] },
      timestamp: world.clock(),
    },
  };
  await sendPeerMessage(world, device, {
    protocolMessage: {
      type: wire().Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: { keys: [key] },
    },
  });
}
