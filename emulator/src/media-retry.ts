// The phone is asked for a file that WhatsApp has dropped, and uploads it once more; it never sends the message again.

import { messageOf } from './content.ts';
import type { Device } from './device.ts';
import { mediaOf, sealMediaRetry } from './media-cipher.ts';
import { directPathOf, fileIdOf } from './media-host.ts';
import { childOf, type Node, node } from './nodes.ts';
import { seconds } from './send.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

/** A phone that is switched off answers nothing, and the client waits. */
export function answerMediaRetry(world: World, device: Device, receipt: Node): void {
  const { person } = device;
  const { id = '' } = receipt.attrs;
  const asked = childOf(receipt, 'rmr');
  if (!asked || !person.settings.reachable) return;
  const log = world.logOf(person);
  const entry = log.find('in', id) ?? log.find('out', id);
  const ref = entry && mediaOf(messageOf(entry));
  if (!ref) {
    // Without the message there is no key to seal an answer with.
    device.push(
      notification(
        world,
        id,
        asked,
        [node('error', { code: String(wire().MediaRetryNotification.ResultType.NOT_FOUND) })],
        person.pn(),
      ),
    );
    return;
  }
  const lost = world.faults.take('media-lost', ...device.names) !== undefined;
  const known = ref.directPath === undefined ? undefined : fileIdOf(ref.directPath);
  const again = lost || known === undefined ? undefined : world.media.again(known);
  const answer = again
    ? { stanzaId: id, directPath: directPathOf(again), result: wire().MediaRetryNotification.ResultType.SUCCESS }
    : { stanzaId: id, result: wire().MediaRetryNotification.ResultType.NOT_FOUND };
  const iv = world.random(12);
  const sealed = sealMediaRetry(answer, ref.mediaKey, id, iv);
  const encrypt = node('encrypt', {}, [node('enc_p', {}, sealed), node('enc_iv', {}, iv)]);
  device.push(notification(world, id, asked, [encrypt], person.pn()));
}

function notification(world: World, id: string, asked: Node, content: readonly Node[], from: string): Node {
  const { jid, from_me, participant } = asked.attrs;
  return node('notification', { id, from, type: 'mediaretry', t: seconds(world.clock()) }, [
    ...content,
    node('rmr', { jid, from_me, participant }),
  ]);
}
