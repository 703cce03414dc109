'use client';
// Notices that a colleague has answered the customer while a reply is being written here, so that nobody answers twice without knowing. It holds a send back once.
import { useTeam } from '@pulseline/client/react';
import type { Message } from '@pulseline/protocol';
import { useEffect, useRef, useState } from 'react';
import { useDesk } from './desk.ts';
import { isOurs } from './outbox.ts';
import { usePreferences } from './preferences.ts';
import { team } from './team.tsx';

/** So far back one is looked for. */
const LOOKED_AT = 20;

export interface ColleaguesAnswer {
  /** Who it was, '' if that is not known; undefined if nobody has. */
  readonly by: string | undefined;
  /** To be asked before a send: true the first time that there is such an answer. */
  readonly holds: () => boolean;
}

export function useColleaguesAnswer(conversation: string, writing: boolean): ColleaguesAnswer {
  const messages = useDesk(({ inbox }) => {
    const window = inbox.windows.get(conversation);
    return window?.before === undefined ? undefined : window.messages;
  });
  const person = usePreferences((preferences) => preferences.person);
  const replying = useTeam(team()).find(({ id, replying: where }) => id !== person && where.includes(conversation));
  const name = useRef<string>(undefined);
  if (replying !== undefined) name.current = replying.name;
  const newest = newestOf(messages);
  /** The newest message of ours when the writing began, and the one that a send was held back for. */
  const begun = useRef<{ readonly seq: number }>(undefined);
  const [held, setHeld] = useState<string>();
  const loaded = messages !== undefined;
  useEffect(() => {
    // A draft of an earlier day was begun before anything was loaded: what was answered before it is no news.
    if (!loaded) return;
    begun.current = writing ? (begun.current ?? { seq: newest?.seq ?? 0 }) : undefined;
  }, [loaded, writing, newest]);
  const isNew = writing && begun.current !== undefined && newest !== undefined && newest.seq > begun.current.seq;
  const by = isNew ? (name.current ?? '') : undefined;
  return {
    by,
    holds() {
      if (!isNew || newest === undefined || held === newest.id) return false;
      setHeld(newest.id);
      return true;
    },
  };
}

/** The newest message that went out and was not written in this tab. */
function newestOf(messages: readonly Message[] | undefined): Message | undefined {
  return messages?.slice(-LOOKED_AT).findLast(({ fromMe, seq, commandId }) => fromMe && seq > 0 && !isOurs(commandId));
}
