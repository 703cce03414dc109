// The two listening sockets for clients, ws and wss, on loopback alone; it never looks into what they say.
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { Connection } from './connection.ts';
import { MAX_FRAME_BYTES } from './frames.ts';
import { serveMedia } from './media-host.ts';
import type { World } from './world.ts';

export const LOOPBACK = '127.0.0.1';
/** The path of WhatsApp's own address; any other is accepted too. */
const PATH = '/ws/chat';
const MAX_CONNECTIONS = 4_096;

export interface Sockets {
  readonly url: string;
  readonly plainUrl: string;
  close(): Promise<void>;
}

export function listen(server: Server | TcpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

export function closed(server: Server | TcpServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

export async function startSockets(world: World, ports: { tls: number; plain: number }): Promise<Sockets> {
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 2 * MAX_FRAME_BYTES });
  wss.on('connection', (socket) => {
    if (wss.clients.size > MAX_CONNECTIONS) socket.terminate();
    else new Connection(socket, world.authority.noise, world.store, world, world.log);
  });
  const accept = (server: Server): Server =>
    server.on('upgrade', (request, socket, head) => {
      wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
    });
  const plain = accept(createHttpServer((request, response) => serve(world, request, response)));
  const doorway = tlsDoorway(world, accept);
  const plainPort = await listen(plain, ports.plain);
  const tlsPort = await listen(doorway.server, ports.tls);
  world.mediaHost = `${LOOPBACK}:${tlsPort}`;
  return {
    url: `wss://${LOOPBACK}:${tlsPort}${PATH}`,
    plainUrl: `ws://${LOOPBACK}:${plainPort}${PATH}`,
    close: async () => {
      for (const client of wss.clients) client.terminate();
      doorway.destroy();
      plain.closeAllConnections();
      await Promise.all([closed(plain), closed(doorway.server)]);
      wss.close();
    },
  };
}

function serve(world: World, request: IncomingMessage, response: ServerResponse): void {
  if (!serveMedia(world, request, response)) response.writeHead(404).end();
}

/** A TCP server that makes its certificate only when the first client comes: making one costs more than the whole start. */
function tlsDoorway(world: World, accept: (server: Server) => Server): { server: TcpServer; destroy(): void } {
  const open = new Set<Socket>();
  let https: Promise<Server> | undefined;
  const start = async (): Promise<Server> => {
    const files = await world.tlsFiles();
    return accept(
      createHttpsServer({ key: files.key, cert: files.cert }, (request, response) => serve(world, request, response)),
    );
  };
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    https ??= start();
    https.then(
      (tls) => tls.emit('connection', socket),
      () => socket.destroy(),
    );
  });
  return {
    server,
    destroy: () => {
      for (const socket of open) socket.destroy();
    },
  };
}
