// The rules of local mode: which Host, Origin and kind of write is let in while there are no logins. Pure; it answers nothing itself.
import { CodedError } from '@pulseline/protocol';

/** The ports that are really open; they differ from the settings where a setting is 0. */
export interface Ports {
  readonly api: number;
  readonly web: number;
}

/** What the rules look at. Header names are lower-case, as Node gives them. */
export interface Arrival {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const names = ['localhost', '127.0.0.1', '[::1]'] as const;

/** `configured` undefined = http on each loopback name at both ports. */
export function allowedOrigins(configured: readonly string[] | undefined, ports: Ports): ReadonlySet<string> {
  if (configured !== undefined) return new Set(configured);
  // URL leaves out :80, as browsers do.
  return new Set(
    [ports.web, ports.api].flatMap((port) => names.map((name) => new URL(`http://${name}:${port}`).origin)),
  );
}

/** Against DNS rebinding: only our own names, with the port that was dialled. */
export function checkHost({ headers }: Arrival, port: number): CodedError | undefined {
  const host = text(headers['host']).toLowerCase();
  const known = names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
  return known ? undefined : new CodedError('HOST_REFUSED', { host: host.slice(0, 200) });
}

/** Against pages of others: an Origin, if there is one, must be on the list; curl and Node send none. */
export function checkOrigin({ headers }: Arrival, allowed: ReadonlySet<string>): CodedError | undefined {
  const origin = headers['origin'];
  if (origin === undefined || allowed.has(text(origin))) return undefined;
  return new CodedError('ORIGIN_REFUSED', { origin: text(origin).slice(0, 200) });
}

/**
 * Against forged forms: a write is JSON or multipart, which no foreign form can send unasked, and comes from our own
 * pages where the browser says from where. A write without a body needs no type.
 */
export function checkWrite(arrival: Arrival, allowed: ReadonlySet<string>): CodedError | undefined {
  const { method, headers } = arrival;
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return undefined;
  const site = headers['sec-fetch-site'];
  const origin = text(headers['origin']);
  if (site !== undefined && site !== 'same-origin' && !(site === 'same-site' && allowed.has(origin))) {
    return new CodedError('ORIGIN_REFUSED', { origin: (origin || text(site)).slice(0, 200) });
  }
  const type = headers['content-type'];
  const empty = headers['transfer-encoding'] === undefined && Number(text(headers['content-length']) || 0) === 0;
  if (type === undefined && empty) return undefined;
  const essence = text(type).split(';', 1)[0]?.trim().toLowerCase();
  if (essence === 'application/json' || essence === 'multipart/form-data') return undefined;
  return new CodedError('MEDIA_TYPE_REFUSED');
}

/** The Host or Origin that was refused. */
export function refusedBy({ params }: CodedError): string {
  return String(params['origin'] ?? params['host'] ?? '');
}

function text(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header ?? []).join(', ');
}
