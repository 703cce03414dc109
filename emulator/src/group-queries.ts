// stub
import type { Device } from './device.ts';
import type { Node } from './nodes.ts';
import type { Answer } from './queries.ts';
import type { World } from './world.ts';
export function answerGroupQuery(_world: World, _device: Device, _iq: Node): Answer {
  return undefined;
}
