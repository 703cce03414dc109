// stub
import type { proto } from 'baileys/WAProto/index.js';
import type { Device } from './device.ts';
import type { Node } from './nodes.ts';
import type { Person } from './people.ts';
import type { Form } from './send.ts';
import type { World } from './world.ts';
export interface GroupLetter {
  readonly id: string;
  readonly from: Person;
  readonly group: string;
  readonly form: Form;
  readonly timestamp: number;
  readonly message: proto.IMessage;
}
export async function receiveGroupMessage(_world: World, _device: Device, _stanza: Node): Promise<string | undefined> {
  return undefined;
}
export async function resendToGroupMember(
  _world: World,
  _letter: GroupLetter,
  _device: Device,
  _count: number,
): Promise<void> {}

import type { Group } from './groups.ts';
export function announceGroup(_world: World, _group: Group): void {}
export async function sendGroupLetter(_world: World, _letter: GroupLetter, _text: string): Promise<void> {}
