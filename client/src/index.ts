// What apps import from the client; it never adds anything of its own.
export * from './environment.ts';
export { eventStream } from './event-stream.ts';
export * from './inbox-state.ts';
export * from './live-client.ts';
export * from './status.ts';
export * from './team.ts';
export type { Way } from './way.ts';
