// The English words of the dialog that brings in an exported chat, loaded with it.
import type { importingWords as zh } from './importing.ts';
import type { Widened } from './widened.ts';

export const importingWords = {
  importing: {
    title: 'Import a chat',
    how: 'Choose "Export chat" in the chat on the phone, without media, and choose the file here. An imported conversation can only be read.',
    file: 'Choose the exported file (zip or txt)',
    found: '{n} messages, from {from} to {to}',
    skipped: '{n} lines were not understood and are left out',
    dateOrder: 'The order of dates (the file does not tell)',
    ymd: 'Year / month / day',
    dmy: 'Day / month / year',
    mdy: 'Month / day / year',
    name: 'Name of the conversation',
    me: 'Who of them is this account',
    nobody: 'None of them',
    person: '{name} ({n})',
    go: 'Import',
  },
} as const satisfies Widened<typeof zh>;
