// The English words of the sandbox, loaded with it.
import type { sandboxWords as zh } from './sandbox.ts';
import type { Widened } from './widened.ts';

export const sandboxWords = {
  sandbox: {
    title: 'Sandbox',
    intro: 'Play the phone and its contacts: write to an account and see the replies arrive.',
    none: 'No sandbox account yet',
    noneText: 'A sandbox account uses a built-in WhatsApp; it needs no network and no real number.',
    noneAction: 'Add a sandbox account',
    phones: 'Phones of the accounts',
    phoneOffline: 'Phone offline',
    phoneOnline: 'Phone online',
    phoneLogout: 'Remove the device on the phone',
    contacts: 'Contacts',
    contactName: 'Name of the contact',
    contactAdd: 'Create',
    contactsEmpty: 'Create a contact first, then write in its name.',
    screen: 'Phone of {name}',
    to: 'Write to',
    write: 'Write as {name}',
    send: 'Send',
    read: 'Mark as read',
    autoRead: 'Read at once',
    thread: 'Messages on the phone of {name}',
    threadEmpty: 'No messages yet. Write one; it appears in the inbox at once.',
    notReady: '{label} is not READY yet; messages arrive when it connects.',
    play: 'Play {name}',
    sample: 'Let a contact send the first message',
    sampleName: 'Alice Moreau',
    sampleText: 'Hello, is this backpack still in stock?',
  },
} as const satisfies Widened<typeof zh>;
