// Reads addresses as checks need them: scheme, host, port and whether a host is this computer, the local network or the world; it looks nothing up.

export interface Address {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** Everything behind the port; '' or '/' is none. */
  readonly path: string;
}

const form = /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.]+\]|[^/?#:\s@[\]]+)(?::(\d{1,5}))?([/?#].*)?$/i;
const defaultPorts: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 };

/** undefined for what is no address with a host. */
export function addressOf(text: string | undefined): Address | undefined {
  const [, scheme = '', host = '', port, path = ''] = form.exec(text?.trim() ?? '') ?? [];
  if (host === '') return undefined;
  const number = port === undefined ? (defaultPorts[scheme.toLowerCase()] ?? 0) : Number(port);
  if (number < 1 || number > 65_535) return undefined;
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port: number, path };
}

export function originOf(text: string | undefined): string | undefined {
  const address = addressOf(text);
  return address === undefined ? undefined : `${address.scheme}://${address.host}:${address.port}`;
}

export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?|\[?::ffff:127\..+)$/i.test(host);
}

/** Of a home or office network: a private address, or a name without a public ending. */
export function isLocalNetwork(host: string): boolean {
  return (
    /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(host) ||
    /^\[?(f[cd]|fe80)/i.test(host) ||
    /\.(local|lan|home|internal|home\.arpa)$/i.test(host) ||
    !/[.:]/.test(host)
  );
}
