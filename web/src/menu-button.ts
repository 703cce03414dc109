// How the button of a message's menu looks, before and after the menu is there, and what the menu is given; it draws nothing.
import type { Message } from '@pulseline/protocol';

export const menuButtonLook =
  'flex size-7 shrink-0 items-center justify-center self-center rounded-full text-soft opacity-0 transition group-hover/message:opacity-100 hover:bg-sunken hover:text-ink focus-visible:opacity-100 data-[state=open]:opacity-100 pointer-coarse:-my-2 pointer-coarse:size-11 pointer-coarse:opacity-60';

export interface MessageMenuProps {
  readonly message: Message;
  /** Carries out what may fail, and shows it. */
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}
