// What a request says that the user should change on the phone: `do` and its fields, checked one by one; it never changes anything.
import { type Body, flag, number, optional, required } from './body.ts';
import { EmulatorError } from './errors.ts';
import type { PhoneChange } from './phone-state.ts';

/** @throws EmulatorError BAD_FIELD naming the field. */
export function phoneChangeOf(body: Body): PhoneChange {
  const act = required(body, 'do');
  const on = flag(body) ?? true;
  switch (act) {
    case 'archive':
    case 'pin':
    case 'unread':
      return { do: act, chat: required(body, 'chat'), on };
    case 'mute':
      return { do: act, chat: required(body, 'chat'), until: number(body, 'until') ?? (on ? -1 : 0) };
    case 'delete-chat':
    case 'clear-chat':
      return { do: act, chat: required(body, 'chat') };
    case 'star':
      return { ...messageOf(body), do: act, on };
    case 'delete-for-me':
      return { ...messageOf(body), do: act };
    case 'name':
      return { do: act, contact: required(body, 'contact'), name: optional(body, 'name') ?? '' };
    case 'push-name':
      return { do: act, name: required(body, 'name') };
    case 'label':
      return {
        do: act,
        id: required(body, 'id'),
        name: optional(body, 'name') ?? '',
        color: number(body, 'color') ?? 0,
        deleted: body.deleted === true,
      };
    case 'label-chat':
      return { do: act, id: required(body, 'id'), chat: required(body, 'chat'), on };
    case 'unarchive-chats':
      return { do: act, on };
    default:
      throw new EmulatorError('BAD_FIELD', 'do');
  }
}

function messageOf(body: Body): { chat: string; message: string; fromMe: boolean } {
  return { chat: required(body, 'chat'), message: required(body, 'message'), fromMe: body.fromMe === true };
}
