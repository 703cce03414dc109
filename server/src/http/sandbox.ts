// The routes of the sandbox: they drive the phones and contacts of the built-in emulator through its control API.
import type { Api, Parts } from './parts.ts';

export function sandboxRoutes(_app: Api, _parts: Parts): void {}
