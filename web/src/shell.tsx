'use client';
// The shell of all pages: the rail (or the tabs of a phone), the connection, the title of the tab. It starts the live connection and knows nothing of what the pages show.
import { LiveProvider } from '@pulseline/client/react';
import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { ConnectionPill, ConnectionStrip } from './connection.tsx';
import { useDesk } from './desk.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { useHydrated } from './language.tsx';
import { live, startLive } from './live.ts';
import { Mark } from './mark.tsx';
import { places } from './places.ts';
import { Shortcuts } from './shortcuts.tsx';

// The first look at a page does not need it.
const Attention = lazy(async () => ({ default: (await import('./attention.tsx')).Attention }));
const CallBanner = lazy(async () => ({ default: (await import('./call-banner.tsx')).CallBanner }));

export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const t = useTranslations('nav');
  const hydrated = useHydrated();
  const path = usePathname();
  useEffect(startLive, []);
  const content = (
    <div className="group/shell relative flex h-screen-dynamic flex-col overflow-hidden md:flex-row">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:m-2 focus:rounded-control focus:bg-surface focus:p-2 focus:shadow-float"
      >
        {t('skip')}
      </a>
      <Rail />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {hydrated && <ConnectionStrip />}
        <main id="main" className="flex min-h-0 flex-1 flex-col">
          {hydrated && <ErrorBoundary key={path}>{children}</ErrorBoundary>}
        </main>
      </div>
      <Tabs />
      {hydrated && <TabTitle />}
      {hydrated && <Shortcuts />}
      {hydrated && (
        <Suspense>
          <CallBanner />
        </Suspense>
      )}
    </div>
  );
  // Lists, sizes and times depend on this browser, and the content policy refuses style attributes in the exported HTML: pages begin with hydration.
  return <LiveProvider value={hydrated ? live() : undefined}>{content}</LiveProvider>;
}

function Rail(): ReactNode {
  const t = useTranslations('nav');
  const path = usePathname();
  const hydrated = useHydrated();
  return (
    <nav
      aria-label={t('label')}
      className="hidden w-14 shrink-0 flex-col items-center gap-1 border-r border-line bg-surface py-3 md:flex"
    >
      <Link href="/" aria-label="Pulseline" className="mb-3 flex size-10 items-center justify-center text-accent">
        <Mark size={26} />
      </Link>
      {places.map(({ href, name, icon: Icon }) => (
        <Link
          key={href}
          href={href}
          aria-current={path === href ? 'page' : undefined}
          className="group relative flex size-10 items-center justify-center rounded-control text-soft transition hover:bg-sunken hover:text-ink aria-[current=page]:bg-wash aria-[current=page]:text-accent"
        >
          <Icon aria-hidden size={20} strokeWidth={1.75} />
          <span className="sr-only">{t(name)}</span>
          {name === 'inbox' && hydrated && <UnreadDot />}
          <span
            aria-hidden
            className="pointer-events-none absolute left-full z-20 ml-2 hidden rounded-control bg-surface px-2 py-1 text-meta whitespace-nowrap text-ink shadow-float group-hover:block group-focus-visible:block"
          >
            {t(name)}
          </span>
        </Link>
      ))}
      <div className="flex-1" />
      {hydrated && <ConnectionPill upright />}
    </nav>
  );
}

function Tabs(): ReactNode {
  const t = useTranslations('nav');
  const path = usePathname();
  const hydrated = useHydrated();
  return (
    <nav
      aria-label={t('label')}
      className="flex shrink-0 border-t border-line bg-surface pb-safe group-has-data-[pane=chat]/shell:hidden md:hidden"
    >
      {places.map(({ href, name, icon: Icon }) => (
        <Link
          key={href}
          href={href}
          aria-current={path === href ? 'page' : undefined}
          className="relative flex h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-meta text-soft aria-[current=page]:font-semibold aria-[current=page]:text-accent"
        >
          <span className="relative">
            <Icon aria-hidden size={20} strokeWidth={1.75} />
            {name === 'inbox' && hydrated && <UnreadDot />}
          </span>
          <span className="max-w-full truncate px-0.5">{t(name)}</span>
        </Link>
      ))}
    </nav>
  );
}

function useUnread(): number {
  return useDesk(({ inbox }) => {
    let sum = 0;
    for (const { unread, muted, archived } of inbox.conversations.values()) if (!muted && !archived) sum += unread;
    return sum;
  });
}

function UnreadDot(): ReactNode {
  const t = useTranslations('nav');
  const unread = useUnread();
  if (unread === 0) return null;
  return (
    <span
      className={clsx(
        'absolute -top-1 -right-2 min-w-4 rounded-full bg-accent px-1 text-center text-meta font-semibold text-on-accent md:top-0.5 md:right-0',
      )}
    >
      <span aria-hidden>{unread > 99 ? '99+' : unread}</span>
      <span className="sr-only">{t('unread', { n: String(unread) })}</span>
    </span>
  );
}

/** `(3) 收件箱 · Pulseline` */
function TabTitle(): ReactNode {
  const t = useTranslations('nav');
  const unread = useUnread();
  const path = usePathname();
  const place = places.find(({ href }) => href === path);
  useEffect(() => {
    const name = [place === undefined ? undefined : t(place.name), 'Pulseline'].filter(Boolean).join(' · ');
    document.title = unread > 0 ? `(${unread}) ${name}` : name;
  }, [t, place, unread]);
  return (
    <Suspense>
      <Attention unread={unread} />
    </Suspense>
  );
}

/** The head of a page: its name, what can be done, and on phones the connection (wider screens have it in the rail). */
export function PageHeader({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactNode {
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-4 md:px-6">
      <h1 className="min-w-0 flex-1 truncate text-title font-semibold">{title}</h1>
      {children}
      <div className="md:hidden">
        <ConnectionPill />
      </div>
    </header>
  );
}

/** The scrolled part of a page. What is hidden for the eye is placed absolutely: without a place of its own it would make the whole document scroll. */
export function PageBody({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="relative min-h-0 flex-1 overflow-y-auto">{children}</div>;
}
