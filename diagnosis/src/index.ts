// The one door of the diagnosis: its model, its checks, its verdict; nothing behind it touches the world.
export * from './collector.ts';
export * from './env-bytes.ts';
export * from './env-lines.ts';
export * from './facts.ts';
export * from './ids.ts';
export * from './model.ts';
export * from './report.ts';
export * from './rungs.ts';
