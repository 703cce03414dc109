// The catalogue: every fault that the diagnosis was built to find, in the order of their numbers, and those that this version cannot have. It makes none.
import { browserFaults } from './catalogue-browser.ts';
import { doorFaults } from './catalogue-doors.ts';
import { fileFaults } from './catalogue-files.ts';
import { fixtures } from './catalogue-fixtures.ts';
import { portFaults } from './catalogue-ports.ts';
import { storeFaults } from './catalogue-store.ts';
import { whatsappFaults } from './catalogue-whatsapp.ts';
import type { Absent, Fault } from './fault.ts';

export const catalogue: readonly Fault[] = [
  ...fileFaults,
  ...portFaults,
  ...doorFaults,
  ...browserFaults,
  ...whatsappFaults,
  ...storeFaults,
  ...fixtures,
].sort((a, b) => Number(a.number) - Number(b.number));

export const absent: readonly Absent[] = [
  { number: '27', title: { zh: '登录过期', en: 'the session has expired' }, why: 'there are no logins yet' },
  { number: '42', title: { zh: '总线中断', en: 'the bus is down' }, why: 'one node has no bus that could break' },
];
