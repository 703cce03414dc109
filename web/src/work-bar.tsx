'use client';
// The work on the open conversation, below its header: who has it, where it stands, its labels. WhatsApp is told nothing of it.
import { useTeam } from '@pulseline/client/react';
import { type Conversation, type Label, workStateAt } from '@pulseline/protocol';
import { Check, CircleCheck, Clock, type LucideIcon, RotateCcw, Tag, UserRound } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useDesk } from './desk.ts';
import { LabelChip, labelColour } from './label-chip.tsx';
import { usePlace, Words } from './language.tsx';
import { NameDialog } from './name-dialog.tsx';
import { usePreferences } from './preferences.ts';
import { team } from './team.tsx';
import { useNow } from './ticking.ts';
import { momentTime } from './time.ts';
import { offerUndo } from './undo.tsx';
import { workWords as en } from './words/work.en.ts';
import { workWords as zh } from './words/work.ts';
import { arrangeWork, assign, type WorkChange } from './work.ts';

const words = { zh, en } as const;

const itemLook =
  'flex h-9 cursor-default items-center gap-2 rounded-control px-2 outline-none select-none data-highlighted:bg-sunken pointer-coarse:h-11';
const buttonLook =
  'inline-flex h-8 max-w-44 shrink-0 items-center gap-1.5 rounded-control px-2 text-second text-soft hover:bg-sunken hover:text-ink data-[state=open]:bg-sunken pointer-coarse:h-11';

export interface WorkBarProps {
  readonly conversation: Conversation;
  /** Carries out what may fail, and shows it. */
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>;
}

export function WorkBar(props: WorkBarProps): ReactNode {
  return (
    <Words of={words}>
      <Bar {...props} />
    </Words>
  );
}

function Bar({ conversation, run }: WorkBarProps): ReactNode {
  const t = useTranslations('work');
  const { id, state, snoozedUntil, labels = [] } = conversation;
  const now = useNow(30_000);
  const place = usePlace();
  const known = useDesk(({ inbox }) => inbox.labels);
  const at = workStateAt(conversation, now);
  const before: WorkChange = { state: state ?? 'open', ...(snoozedUntil !== undefined && { snoozedUntil }) };
  const move = async (change: WorkChange, done: string): Promise<void> => {
    if (await run(() => arrangeWork(id, change))) {
      // A snooze that is over cannot be begun again: then it is simply open.
      const back =
        before.state === 'snoozed' && (snoozedUntil ?? 0) <= Date.now() ? { state: 'open' as const } : before;
      offerUndo(done, () => arrangeWork(id, back));
    }
  };
  return (
    <div
      data-testid="work-bar"
      data-state={at}
      className="flex h-10 shrink-0 items-center gap-1 overflow-x-auto border-b border-line bg-surface px-2 pointer-coarse:h-12 md:px-3"
    >
      <Assignee conversation={conversation} run={run} />
      {at === 'open' ? (
        <>
          <Snooze onSnooze={(until) => void move({ state: 'snoozed', snoozedUntil: until }, t('snoozedDone'))} />
          <button type="button" className={buttonLook} onClick={() => void move({ state: 'closed' }, t('closedDone'))}>
            <CircleCheck aria-hidden size={16} strokeWidth={1.75} />
            {t('close')}
          </button>
        </>
      ) : (
        <>
          <span className="shrink-0 px-2 text-second font-semibold text-warn">
            {at === 'closed' ? t('closed') : t('snoozedUntil', { time: momentTime(snoozedUntil ?? now, place) })}
          </span>
          <button type="button" className={buttonLook} onClick={() => void move({ state: 'open' }, t('openedDone'))}>
            <RotateCcw aria-hidden size={16} strokeWidth={1.75} />
            {t('open')}
          </button>
        </>
      )}
      <Labels
        chosen={labels}
        all={[...known.values()]}
        onChoose={(next) => void run(() => arrangeWork(id, { labels: next }))}
      />
      {labels
        .flatMap((one) => known.get(one) ?? [])
        .map((one) => (
          <LabelChip key={one.id} label={one} />
        ))}
    </div>
  );
}

function Menu({
  icon: Icon,
  text,
  label,
  testId,
  children,
}: {
  readonly icon: LucideIcon;
  readonly text: string;
  /** What is chosen here, for who does not see the icon. */
  readonly label?: string;
  readonly testId: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    // Not modal: the modal kind locks scrolling by a style element, which the content policy refuses.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger data-testid={testId} className={buttonLook}>
        <Icon aria-hidden size={16} strokeWidth={1.75} className="shrink-0" />
        {label !== undefined && <span className="sr-only">{label}</span>}
        <span dir="auto" className="truncate">
          {text}
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-20 max-h-80 max-w-72 min-w-44 overflow-y-auto rounded-card bg-surface p-1 text-ink shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Assignee({ conversation: { id, assignee }, run }: WorkBarProps): ReactNode {
  const t = useTranslations('work');
  const name = usePreferences((preferences) => preferences.name);
  const here = useTeam(team()).map((one) => one.name);
  const [asking, setAsking] = useState(false);
  const others = [...new Set([...(assignee === undefined ? [] : [assignee]), ...here])].filter((one) => one !== name);
  const give = async (to: string | null): Promise<void> => {
    const before = assignee ?? null;
    if (to === before) return;
    if (await run(() => assign(id, to)))
      offerUndo(to === null ? t('unassignedDone') : t('assignedDone', { name: to }), () => assign(id, before));
  };
  return (
    <>
      <Menu icon={UserRound} testId="assignee" text={assignee ?? t('unassigned')} label={t('assign')}>
        <DropdownMenu.Item className={itemLook} onSelect={() => (name === '' ? setAsking(true) : void give(name))}>
          {t('toMe')}
          {assignee === name && name !== '' && <Check aria-hidden size={16} className="ml-auto" />}
        </DropdownMenu.Item>
        {others.map((other) => (
          <DropdownMenu.Item key={other} className={itemLook} onSelect={() => void give(other)}>
            <span dir="auto" className="truncate">
              {other}
            </span>
            {assignee === other && <Check aria-hidden size={16} className="ml-auto shrink-0" />}
          </DropdownMenu.Item>
        ))}
        {assignee !== undefined && (
          <>
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <DropdownMenu.Item className={itemLook} onSelect={() => void give(null)}>
              {t('toNobody')}
            </DropdownMenu.Item>
          </>
        )}
      </Menu>
      {asking && <NameDialog onClose={() => setAsking(false)} onName={(own) => void give(own)} />}
    </>
  );
}

function Snooze({ onSnooze }: { readonly onSnooze: (until: number) => void }): ReactNode {
  const t = useTranslations('work');
  const choices = [
    { text: t('snooze1h'), until: () => Date.now() + 3_600_000 },
    { text: t('snooze3h'), until: () => Date.now() + 3 * 3_600_000 },
    { text: t('snoozeTomorrow'), until: () => morning(1) },
    { text: t('snoozeWeek'), until: () => morning((8 - new Date().getDay()) % 7 || 7) },
  ];
  return (
    <Menu icon={Clock} testId="snooze" text={t('snooze')}>
      {choices.map(({ text, until }) => (
        <DropdownMenu.Item key={text} className={itemLook} onSelect={() => onSnooze(until())}>
          {text}
        </DropdownMenu.Item>
      ))}
    </Menu>
  );
}

/** Nine o'clock of a day to come, in the reader's time. */
function morning(days: number): number {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(9, 0, 0, 0);
  return at.getTime();
}

function Labels({
  chosen,
  all,
  onChoose,
}: {
  readonly chosen: readonly string[];
  readonly all: readonly Label[];
  readonly onChoose: (labels: readonly string[]) => void;
}): ReactNode {
  const t = useTranslations('work');
  return (
    <Menu icon={Tag} testId="labels" text={t('labels')}>
      {all.map(({ id, name, colour }) => (
        <DropdownMenu.CheckboxItem
          key={id}
          checked={chosen.includes(id)}
          className={itemLook}
          onSelect={(event) => event.preventDefault()}
          onCheckedChange={(on) => onChoose(on ? [...chosen, id] : chosen.filter((one) => one !== id))}
        >
          <span aria-hidden className={`size-2 shrink-0 rounded-full bg-(--account) ${labelColour(colour)}`} />
          <span dir="auto" className="truncate">
            {name}
          </span>
          <DropdownMenu.ItemIndicator className="ml-auto">
            <Check aria-hidden size={16} />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.CheckboxItem>
      ))}
      <DropdownMenu.Item asChild className={itemLook}>
        <a href="/settings#labels">{t('manageLabels')}</a>
      </DropdownMenu.Item>
    </Menu>
  );
}
