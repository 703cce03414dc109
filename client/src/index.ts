// What apps import from the client; it never adds anything of its own.
export * from './live-client.ts';
