// The English words of the menu of a message, loaded with it.
import type { messageMenuWords as zh } from './message-menu.ts';
import type { Widened } from './widened.ts';

export const messageMenuWords = {
  messageMenu: {
    forward: 'Forward…',
    react: 'React',
    reply: 'Reply',
    edit: 'Edit',
    delete: 'Delete for everyone',
    deleteTitle: 'Delete this message?',
    deleteText:
      'Everyone in the conversation, and all your devices, will see “This message was deleted”. It cannot be brought back.',
    info: 'Message info',
    star: 'Star',
    unstar: 'Take the star away',
    pin: 'Pin',
    unpin: 'Unpin',
    deleteForMe: 'Delete for me',
    deleteForMeTitle: 'Delete this message?',
    deleteForMeText: 'It goes here and on your phone; the others keep it.',
    path: 'Path',
  },
} as const satisfies Widened<typeof zh>;
