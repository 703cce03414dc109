'use client';
// The team at the open conversation: who else looks at it and who is replying. This browser is named only if its reader gave a name in the settings.
import { createTeam, type Team } from '@pulseline/client';
import { useTeam } from '@pulseline/client/react';
import { type ReactNode, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { Avatar } from './avatar.tsx';
import { live } from './live.ts';
import { identity, usePreferences } from './preferences.ts';

let made: Team | undefined;

/** The team of this tab; browser only. */
export function team(): Team {
  made ??= createTeam(live(), undefined);
  return made;
}

/** Says what is open here, and under which name. */
export function useSeat(conversation: string): void {
  const name = usePreferences((preferences) => preferences.name);
  useEffect(() => team().as(identity()), [name]);
  useEffect(() => {
    team().look(conversation);
    return () => team().look(undefined);
  }, [conversation]);
}

const SHOWN = 4;

/** Others at this conversation, for its header; nothing if there is nobody. */
export function TeamHere({ conversation }: { readonly conversation: string }): ReactNode {
  const t = useTranslations('team');
  const person = usePreferences((preferences) => preferences.person);
  const others = useTeam(team()).filter(({ id, looking }) => id !== person && looking.includes(conversation));
  if (others.length === 0) return null;
  const names = others.map(({ name }) => name).join(', ');
  return (
    <div
      data-testid="team-here"
      role="img"
      aria-label={t('here', { names })}
      title={t('here', { names })}
      className="flex shrink-0 -space-x-2"
    >
      {others.slice(0, SHOWN).map(({ id, name }) => (
        <Avatar key={id} name={name} kind="person" className="size-7 ring-2 ring-surface" />
      ))}
    </div>
  );
}

/** "Anna is replying", above the composer. */
export function TeamReplying({ conversation }: { readonly conversation: string }): ReactNode {
  const t = useTranslations('team');
  const person = usePreferences((preferences) => preferences.person);
  const writing = useTeam(team()).filter(({ id, replying }) => id !== person && replying.includes(conversation));
  return (
    <p role="status" data-testid="team-replying" className="truncate px-4 text-meta text-soft empty:hidden">
      {writing.length > 0 && t('replying', { names: writing.map(({ name }) => name).join(', ') })}
    </p>
  );
}
