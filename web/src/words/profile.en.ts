// The English words of pictures and profiles and of what an account keeps, loaded with their dialogs.
import type { profileWords as zh } from './profile.ts';
import type { Widened } from './widened.ts';

export const profileWords = {
  profile: {
    title: 'WhatsApp profile',
    text: 'This is what customers see in WhatsApp. The account’s name in this inbox is changed with “Rename”.',
    name: 'Name',
    about: 'About',
    aboutHint: 'Empty leaves it as it is',
    pictureChoose: 'Choose a picture',
    pictureBusy: 'Changing it…',
    pictureRemove: 'Remove the picture',
  },
  keeping: {
    title: 'What is kept',
    messages: 'Messages',
    messagesText: 'Messages older than this are removed for good; empty keeps them for ever. Those on the phone stay.',
    messagesDays: 'Days to keep messages',
    files: 'Files',
    filesText:
      'Removes files from this computer only; their messages stay. Those that WhatsApp can give again go first.',
    filesUse: '{files} now, {size}',
    filesDays: 'Days to keep files',
    filesMb: 'Files may take (MB)',
    unlimited: 'No limit',
  },
} as const satisfies Widened<typeof zh>;
