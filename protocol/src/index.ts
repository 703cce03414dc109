// What others import from the protocol; it never adds anything of its own.
export * from './back-pressure.ts';
export * from './client-session.ts';
export * from './close-codes.ts';
export * from './delivery.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './frames.ts';
export * from './imports.ts';
export * from './kinds.ts';
export * from './language.ts';
export * from './media.ts';
export * from './model.ts';
export * from './positions.ts';
export * from './projection.ts';
export * from './search.ts';
export * from './server-session.ts';
export * as shape from './shape.ts';
export * from './straight.ts';
