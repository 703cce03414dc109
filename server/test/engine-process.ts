// The engine and the store as a process of their own, to be killed by tests: DIR, URL and ROOT in the environment, QR codes and states on stdout.
import { join } from 'node:path';
import type { Commands } from '../src/inbox/commands.ts';
import { MediaFiles } from '../src/media/files.ts';
import { openStore } from '../src/store/open-thread.ts';
import { openlyKnown } from '../src/store/vault.ts';
import { spawnThread } from '../src/threads.ts';
import { openFleet } from '../src/whatsapp/fleet.ts';

const { DIR = '', URL: url = '', ROOT: root = '' } = process.env;
const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const store = await openStore<Commands>({
  dir: DIR,
  keys: () => openlyKnown,
  spawn: (data) => spawnThread('writer', { workerData: data }),
});
store.onCommit(({ events }) => {
  for (const event of events) {
    if (event.type === 'whatsapp_status') say({ status: JSON.parse(event.data) });
    if (event.type === 'new_message') say({ message: JSON.parse(event.data) });
    if (event.type === 'message_status') say({ ticked: JSON.parse(event.data) });
  }
});
await new MediaFiles(join(DIR, 'media')).open();
const fleet = openFleet({
  spawn: (data, transfer) => spawnThread('worker', { workerData: data, transferList: [...transfer] }),
  connect: () => store.connect(),
  commit: (batch) => store.writer.run('ingest', batch),
  whisper: (whisper) => say({ whisper }),
  language: 'en',
  media: { dir: join(DIR, 'media'), unasked: 10_000_000, wanted: 10_000_000 },
  log: { debug: () => {}, warn: (_, text) => say({ warn: text }), error: (_, text) => say({ error: text }) },
});
if ((await store.queries.accounts()).length === 0) {
  await store.writer.run('create_account', { id: 'acc_1', label: 'Desk', kind: 'sandbox' });
}
fleet.start({ id: 'acc_1', label: 'Desk', kind: 'sandbox', url, root });

process.stdin.on('data', (line) => {
  const [commandId = '', address = '', text = '', file] = String(line).trim().split(' ');
  const waId = `3EB0${commandId.padStart(18, '0')}`;
  const kind = 'document' as const;
  const id = `up_${commandId}`;
  const media = file === undefined ? {} : { media: { id, kind } };
  // A file lies in the folder already, under its hash.
  const given =
    file === undefined
      ? Promise.resolve(null)
      : store.writer.run('add_upload', { id, kind, media: { id, state: 'ready', mime: 'x/y', size: 1 }, file });
  void given
    .then(() =>
      store.writer.run('enqueue_send', { commandId, waId, account: 'acc_1', to: { address }, text, ...media }),
    )
    .then(() => fleet.ring('acc_1'));
});
