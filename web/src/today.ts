'use client';
// What the day of each account has come to, for cards that show it: read once, counted on by the live events, and read anew after a break and at midnight. It never counts an event twice.
import {
  type DurableFrame,
  foldDay,
  isDayEvent,
  isDurable,
  type Today,
  today as todayShape,
  withSighting,
} from '@pulseline/protocol';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { live } from './live.ts';
import { call } from './rest.ts';

export type AccountToday = Today['items'][number];

/** The day after an event; the same object if it was counted already, or says nothing of it. */
export function withEvent(day: Today, frame: DurableFrame): Today {
  if (frame.seq <= (day.heads[frame.stream]?.seq ?? 0)) return day;
  const heads = { ...day.heads, [frame.stream]: { epoch: day.heads[frame.stream]?.epoch ?? '', seq: frame.seq } };
  const counted = (account: string, change: (of: AccountToday) => AccountToday): Today => {
    const known = day.items.find((item) => item.account === account);
    const items =
      known === undefined
        ? [...day.items, change({ account, received: 0, sent: 0, failed: [], states: [] })]
        : day.items.map((item) => (item === known ? change(item) : item));
    return { ...day, heads, items };
  };
  if (frame.type === 'whatsapp_status') {
    const { account, status } = frame.data;
    return counted(account, (of) => ({ ...of, states: withSighting(of.states, status, frame.timestamp) }));
  }
  if (frame.type === 'account_removed') {
    return { ...day, heads, items: day.items.filter(({ account }) => account !== frame.data.id) };
  }
  if (!isDayEvent(frame)) return { ...day, heads };
  // What is told after midnight belongs to the day that is read next.
  if (frame.timestamp >= day.to) return day;
  return counted(frame.data.account, (of) => ({ ...of, ...foldDay(of, frame) }));
}

interface State {
  readonly day: Today | undefined;
  readonly error: unknown;
}

const store = createStore<State>(() => ({ day: undefined, error: undefined }));

/** Between two readings at midnight; a tab that slept looks again this often, ms. */
const LOOK_EVERY = 30_000;
/** Events that come while an answer is on its way; more, and it is asked for again. */
const MAX_HELD = 5_000;
/** Figures are read by people: events are counted together, this late at most, ms. */
const COUNT_AFTER = 200;

let users = 0;
let stop: (() => void) | undefined;
let zone = '';
let reading = 0;
let held: DurableFrame[] | undefined;
let uncounted: DurableFrame[] = [];

/** Asks for the day; the newest question alone is answered. */
async function read(): Promise<void> {
  reading += 1;
  const mine = reading;
  held = [];
  try {
    const day = await call('GET', `/api/today?timeZone=${encodeURIComponent(zone)}`, todayShape);
    if (mine !== reading) return;
    const late = held;
    held = undefined;
    if (late.length >= MAX_HELD) return void read();
    store.setState({ day: late.reduce(withEvent, day), error: undefined });
  } catch (error) {
    if (mine !== reading) return;
    held = undefined;
    store.setState({ error });
  }
}

function count(): void {
  const frames = uncounted;
  uncounted = [];
  store.setState(({ day }) => ({ day: day && frames.reduce(withEvent, day) }));
}

function follow(): () => void {
  const client = live();
  const unsubscribe = client.onEvent((frame) => {
    if (!isDurable(frame)) return;
    if (held !== undefined && held.length < MAX_HELD) held.push(frame);
    uncounted.push(frame);
    if (uncounted.length === 1) setTimeout(count, COUNT_AFTER);
    if (uncounted.length >= MAX_HELD) count();
  });
  const unobserve = client.observe(({ type }) => {
    if (type === 'open') void read();
  });
  const timer = setInterval(() => {
    const { day } = store.getState();
    if (day !== undefined && Date.now() >= day.to) void read();
  }, LOOK_EVERY);
  return () => {
    unsubscribe();
    unobserve();
    clearInterval(timer);
    reading += 1;
    held = undefined;
  };
}

/** The day of an account in a time zone, kept up to date as long as somebody shows one. */
export function useToday(
  account: string,
  timeZone: string,
): { readonly of: AccountToday | undefined; readonly isRead: boolean; readonly error: unknown } {
  useEffect(() => {
    users += 1;
    if (users === 1) stop = follow();
    if (zone !== timeZone || users === 1) {
      zone = timeZone;
      void read();
    }
    return () => {
      users -= 1;
      if (users > 0) return;
      stop?.();
      stop = undefined;
    };
  }, [timeZone]);
  return {
    of: useStore(store, ({ day }) => day?.items.find((item) => item.account === account)),
    isRead: useStore(store, ({ day }) => day !== undefined),
    error: useStore(store, ({ error }) => error),
  };
}

export function readToday(): Promise<void> {
  return read();
}
