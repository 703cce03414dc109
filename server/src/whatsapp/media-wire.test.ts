// The host of files is the one that was named, by its very certificate: another one is not heard.
import { createHash, X509Certificate } from 'node:crypto';
import { createEmulator } from '@pulseline/emulator';
import { expect, it } from 'vitest';
import { isThere } from './media-wire.ts';

it('a media host with another certificate than the named one is not heard', async () => {
  const emulator = await createEmulator({ fewPreKeys: true });
  try {
    const { host } = new URL(emulator.url);
    const pin = createHash('sha256')
      .update(new X509Certificate(await emulator.certificate()).raw)
      .digest('hex');
    const wire = { agent: undefined, isStrict: false };
    const path = `/v/${'0'.repeat(32)}.enc`;
    expect(await isThere({ ...wire, pin }, host, path)).toBe(false);
    // Also on a connection that was open already.
    expect(await isThere({ ...wire, pin }, host, path)).toBe(false);
    await expect(isThere({ ...wire, pin: '0'.repeat(64) }, host, path)).rejects.toThrow('another certificate');
  } finally {
    await emulator.close();
  }
});
