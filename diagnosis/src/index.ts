// The one door of the diagnosis: its model, its checks, its verdict; nothing behind it touches the world.
export { type Address, addressOf, isLocalNetwork, isLoopback, originOf } from './address.ts';
export * from './bundle.ts';
export { checks } from './checks/all.ts';
export * from './collector.ts';
export * from './diagnose.ts';
export * from './env-bytes.ts';
export * from './env-lines.ts';
export * from './evidence.ts';
export * from './facts.ts';
export * from './ids.ts';
export * from './judge.ts';
export * from './ladder.ts';
export * from './log-lines.ts';
export * from './model.ts';
export * from './redact.ts';
export * from './report.ts';
export * from './rungs.ts';
export { words } from './words/all.ts';
