// The English words of the palette and the sheet of keys, loaded with them.
import type { keysWords as zh } from './keys.ts';
import type { Widened } from './widened.ts';

export const keysWords = {
  keys: {
    title: 'Keyboard shortcuts',
    palette: 'Find a person or a command',
    search: 'A name, a number or a command',
    nothing: 'Nothing found',
    page: 'Open the page',
    guide: 'Diagnosis guide',
    next: 'Next conversation',
    previous: 'Previous conversation',
    details: 'Details of the conversation',
    send: 'Send',
    newline: 'New line',
    close: 'Close the dialog',
    sheet: 'Show this sheet',
    typing: 'While you type, single keys do nothing. They can be turned off in the settings.',
  },
} as const satisfies Widened<typeof zh>;
