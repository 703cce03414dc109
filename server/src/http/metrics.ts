// What Prometheus hears of the process and of the doors; every queue's own gauge is registered by whoever owns the queue.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Api } from './parts.ts';

/** A registry with the process's own metrics (event loop, memory, file descriptors). */
export function openMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

export function measureStreams(registry: Registry, count: () => number): void {
  new Gauge({
    name: 'pulseline_event_streams',
    help: 'Open server-sent streams of /api/events',
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}

export function measureRequests(app: Api, registry: Registry): void {
  const seconds = new Histogram({
    name: 'pulseline_http_request_seconds',
    help: 'Time from the head of a request to its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const dropped = new Counter({
    name: 'pulseline_connections_dropped_total',
    help: 'Connections that were turned away because too many were open',
    registers: [registry],
  });
  app.server.on('drop', () => dropped.inc());
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, not the path: ids would make a series each.
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
  });
}
