// Takes out of the head of an HTTP request what asks for a WebSocket; it leaves everything else as it is.

/** A head longer than this is passed on as it is. */
const MAX_HEAD = 16_384;
const asking = /^(upgrade|connection|sec-websocket-[a-z]+):/i;

/** The bytes to pass on; undefined while the head is not all here. */
export function withoutUpgrade(bytes: Buffer): Buffer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return bytes.length > MAX_HEAD ? bytes : undefined;
  const lines = bytes.subarray(0, end).toString('latin1').split('\r\n');
  // Only a request for an upgrade is one that such a proxy would break.
  if (!lines.some((line) => /^upgrade:/i.test(line))) return bytes;
  const kept = [...lines.filter((line) => !asking.test(line)), 'Connection: close'];
  return Buffer.concat([Buffer.from(kept.join('\r\n'), 'latin1'), bytes.subarray(end)]);
}
