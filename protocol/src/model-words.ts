// The words of the model that stand in every part of it: addresses and ids. Nothing else.
import { string } from './shape.ts';

/** WhatsApp's address without device: `8613…@s.whatsapp.net`, `…@lid`, `…@g.us`. */
export const address = string(256, 1);
/** An id of ours. */
export const id = string(128, 1);
