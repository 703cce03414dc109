// Opens one port on both loopback families: 127.0.0.1 and, where there is IPv6, ::1. Browsers dial either for "localhost", so half a port would be a riddle.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '@pulseline/protocol';
import { holderOf } from './holder.ts';
import { CLOSE_GRACE, limits, MAX_CONNECTIONS } from './limits.ts';
import type { Api } from './parts.ts';

/** A port that is free for one family may be taken in the other; with port 0 another one is tried. */
const ATTEMPTS = 20;

/**
 * Listens on the last address, which must be had, and on the one before it where its family exists; `port` 0 takes a free
 * one. Returns the port. `setting` names the port in an error. Errors: PORT_TAKEN, with who holds it.
 */
export async function listen(app: Api, hosts: readonly string[], port: number, setting: string): Promise<number> {
  const companions = new Set<Server>();
  app.server.maxConnections = MAX_CONNECTIONS;
  app.addHook('preClose', async () => {
    for (const server of companions) server.close();
    const all = [app.server, ...companions];
    setTimeout(() => all.forEach((server) => server.closeAllConnections()), CLOSE_GRACE).unref();
  });
  await app.ready();
  const own = hosts.includes('127.0.0.1') ? '127.0.0.1' : '::1';
  const other = hosts.find((host) => host !== own);
  for (let attempt = 1; ; attempt++) {
    const companion = companionOf(app);
    try {
      const shared = other === undefined ? undefined : await open(companion, other, port);
      if (shared !== undefined) companions.add(companion);
      await app.listen({ host: own, port: shared ?? port });
      return portOf(app.server);
    } catch (error) {
      companions.delete(companion);
      companion.close();
      const code = codeOf(error);
      if (code === 'EADDRINUSE' && port === 0 && attempt < ATTEMPTS) continue;
      if (code === 'EADDRINUSE')
        throw new CodedError('PORT_TAKEN', { port, setting, holder: await holderOf(port) }, error);
      // Ports below 1024 need rights on some systems, and Windows reserves ranges.
      if (code === 'EACCES') throw new CodedError('PORT_TAKEN', { port, setting, holder: ' (EACCES)' }, error);
      throw error;
    }
  }
}

/** The same app behind a second address: requests, upgrades and broken requests go the way of the first. */
function companionOf(app: Api): Server {
  const server = createServer({ ...limits.http, requestTimeout: limits.requestTimeout }, app.routing);
  server.keepAliveTimeout = limits.keepAliveTimeout;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('upgrade', (...given) => app.server.emit('upgrade', ...given));
  server.on('clientError', (...given) => app.server.emit('clientError', ...given));
  server.on('drop', (...given) => app.server.emit('drop', ...given));
  return server;
}

/** The port, or undefined if this machine has no such address. */
async function open(server: Server, host: string, port: number): Promise<number | undefined> {
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return portOf(server);
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
