// The process that decodes pictures, begun by threads.ts when the first one comes. It reads the files it is told of and nothing else, and ends with its parent.
import { pictureOrder } from './media/decoder.ts';
import { pictureFacts, portraitOf, shrunk, thumbnailOf } from './media/picture.ts';

process.on('message', (told: unknown) => {
  const order = pictureOrder.parse(told);
  const { id } = order;
  perform(order).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
// Ctrl+C reaches the whole group: what is being decoded for the parent is its to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

async function perform({ task, path = '', mime = '', bytes, most = 0 }: ReturnType<typeof pictureOrder.parse>) {
  switch (task) {
    case 'facts':
      return pictureFacts(path, mime);
    case 'thumbnail':
      return thumbnailOf(path, mime);
    case 'portrait':
      return portraitOf(path, mime);
    case 'shrunk':
      return bytes instanceof Uint8Array ? shrunk(Buffer.from(bytes), most) : undefined;
  }
}
