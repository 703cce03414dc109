// A TCP proxy that makes a network's faults on demand, per direction and on live connections; it never looks into the bytes, but for the one fault that strips a request's head.
import { connect, createServer, type Socket } from 'node:net';
import { Lane, type LaneCounters, type LaneFaults, newLaneCounters, noLaneFaults } from './lane.ts';

/** `up` = from the client to the target, `down` = back. */
export type Direction = 'up' | 'down';

/**
 * `rst` and `fin` are seen by both ends; `silent` by none: the connection stays open and swallows everything, like a NAT
 * box that has forgotten it.
 */
export type Cut = 'rst' | 'fin' | 'silent';

export interface Faults {
  readonly up: LaneFaults;
  readonly down: LaneFaults;
  /** New connections are reset as soon as they are accepted. */
  readonly refuse: boolean;
  /** A connection on which nothing came for so long is cut; 0 = never. */
  readonly idleMs: number;
  readonly idleCut: Cut;
}

const noFaults: Faults = { up: noLaneFaults, down: noLaneFaults, refuse: false, idleMs: 0, idleCut: 'rst' };

export interface FaultChange {
  readonly up?: Partial<LaneFaults>;
  readonly down?: Partial<LaneFaults>;
  /** For both directions; `up` and `down` are applied after it. */
  readonly both?: Partial<LaneFaults>;
  readonly refuse?: boolean;
  readonly idleMs?: number;
  readonly idleCut?: Cut;
}

export interface Counters {
  readonly accepted: number;
  /** Reset at once: by `refuse`, or because there were too many. */
  readonly refused: number;
  /** The target could not be reached; the client was reset. */
  readonly unreachable: number;
  readonly open: number;
  /** By cut() or by idleness. */
  readonly cut: number;
  readonly up: Readonly<LaneCounters>;
  readonly down: Readonly<LaneCounters>;
}

export interface ProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
  /** 0 or absent = any free port. */
  readonly listen?: number;
  readonly faults?: FaultChange;
  /** Most bytes that one direction of one connection keeps; then its sender has to wait. 256 KiB if absent. */
  readonly bufferBytes?: number;
  /** 4,096 if absent. */
  readonly maxConnections?: number;
}

export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  readonly faults: Faults;
  /** Changes what is named and leaves the rest; open connections feel it at once. */
  set(change: FaultChange): void;
  /** Takes all faults back. Connections that have swallowed something stay dead. */
  clear(): void;
  /** Cuts every open connection; new ones are welcome. Returns how many. */
  cut(how: Cut): number;
  /** Sends FIN to the receiver of that direction on every connection; the other direction goes on. Returns how many. */
  halfClose(direction: Direction): number;
  /** New connections go there. */
  retarget(target: { readonly host: string; readonly port: number }): void;
  counters(): Counters;
  /** Resets what is open and stops listening. */
  close(): Promise<void>;
}

interface Connection {
  readonly client: Socket;
  /** Absent if the connection was born in a black hole. */
  readonly target: Socket | undefined;
  readonly lanes: Readonly<Record<Direction, Lane>> | undefined;
  lastBytes: number;
  silenced: boolean;
}

export async function openFaultProxy(options: ProxyOptions): Promise<FaultProxy> {
  const { bufferBytes = 256 * 1024, maxConnections = 4_096 } = options;
  const host = '127.0.0.1';
  const connections = new Set<Connection>();
  const lanes = { up: newLaneCounters(), down: newLaneCounters() };
  const sums = { accepted: 0, refused: 0, unreachable: 0, cut: 0 };
  let target = options.target;
  let faults = change(noFaults, options.faults ?? {});
  let idleTimer: NodeJS.Timeout | undefined;

  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    // Without a listener an error of a reset socket would end the process.
    client.on('error', () => {});
    if (faults.refuse || connections.size >= maxConnections) {
      sums.refused += 1;
      client.resetAndDestroy();
      return;
    }
    sums.accepted += 1;
    const connection = faults.up.blackhole && faults.down.blackhole ? swallow(client) : dial(client);
    connections.add(connection);
    let open = connection.target === undefined ? 1 : 2;
    for (const socket of [client, connection.target]) {
      socket?.on('close', () => {
        open -= 1;
        if (open > 0) return;
        connections.delete(connection);
      });
    }
  });

  function swallow(client: Socket): Connection {
    const connection = { client, target: undefined, lanes: undefined, lastBytes: performance.now(), silenced: true };
    client.on('data', ({ length }) => {
      lanes.up.received += length;
      lanes.up.swallowed += length;
      connection.lastBytes = performance.now();
    });
    client.resume();
    return connection;
  }

  function dial(client: Socket): Connection {
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true });
    let connected = false;
    upstream.on('connect', () => {
      connected = true;
      client.resume();
    });
    upstream.on('error', () => {
      if (!connected) sums.unreachable += 1;
    });
    const onBytes = () => {
      connection.lastBytes = performance.now();
    };
    const connection: Connection = {
      client,
      target: upstream,
      lanes: {
        up: new Lane(client, upstream, faults.up, lanes.up, bufferBytes, onBytes),
        down: new Lane(upstream, client, faults.down, lanes.down, bufferBytes, onBytes),
      },
      lastBytes: performance.now(),
      silenced: false,
    };
    return connection;
  }

  function cutOne(connection: Connection, how: Cut): void {
    sums.cut += 1;
    connection.silenced = true;
    connection.lanes?.up.swallow();
    connection.lanes?.down.swallow();
    if (how === 'silent') return;
    for (const socket of [connection.client, connection.target]) {
      if (how === 'rst') socket?.resetAndDestroy();
      else socket?.destroySoon();
    }
  }

  function watchIdle(): void {
    clearInterval(idleTimer);
    idleTimer = undefined;
    if (faults.idleMs === 0) return;
    idleTimer = setInterval(
      () => {
        const oldest = performance.now() - faults.idleMs;
        for (const connection of connections) {
          if (connection.lastBytes < oldest && !connection.silenced) cutOne(connection, faults.idleCut);
        }
      },
      Math.max(5, Math.min(1_000, faults.idleMs / 4)),
    );
    idleTimer.unref();
  }

  function apply(next: Faults): void {
    faults = next;
    watchIdle();
    for (const { lanes: pair } of connections) {
      pair?.up.set(faults.up);
      pair?.down.set(faults.down);
    }
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen ?? 0, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('no port'));
    });
  });
  watchIdle();

  return {
    host,
    port,
    get faults() {
      return faults;
    },
    set: (wanted) => apply(change(faults, wanted)),
    clear: () => apply(noFaults),
    cut(how) {
      const all = [...connections];
      for (const connection of all) cutOne(connection, how);
      return all.length;
    },
    halfClose(direction) {
      const all = [...connections].filter((connection) => connection.lanes !== undefined);
      for (const connection of all) connection.lanes?.[direction].finish();
      return all.length;
    },
    retarget(next) {
      target = next;
    },
    counters: () => ({ ...sums, open: connections.size, up: { ...lanes.up }, down: { ...lanes.down } }),
    async close() {
      clearInterval(idleTimer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { client, target: upstream, lanes: pair } of connections) {
        pair?.up.swallow();
        pair?.down.swallow();
        client.resetAndDestroy();
        upstream?.resetAndDestroy();
      }
      await closed;
    },
  };
}

function change(faults: Faults, { both, up, down, refuse, idleMs, idleCut }: FaultChange): Faults {
  return {
    up: { ...faults.up, ...both, ...up },
    down: { ...faults.down, ...both, ...down },
    refuse: refuse ?? faults.refuse,
    idleMs: idleMs ?? faults.idleMs,
    idleCut: idleCut ?? faults.idleCut,
  };
}
