'use client';
// The guide's commands, for Windows and for Unix, with this installation's own port and address.
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { apiBase, socketUrl } from './api-base.ts';
import { portOf } from './checklist.tsx';
import { Command } from './copying.tsx';
import { Segments } from './segments.tsx';

type System = 'windows' | 'unix';

export function Commands(): ReactNode {
  const t = useTranslations('diagnosis');
  const [system, setSystem] = useState<System>(() => (navigator.userAgent.includes('Windows') ? 'windows' : 'unix'));
  const base = apiBase();
  const port = portOf(base);
  const windows = system === 'windows';
  const steps = [
    {
      title: t('commandPort', { port }),
      text: windows ? `netstat -ano | findstr ":${port}"` : `lsof -nP -iTCP:${port} -sTCP:LISTEN`,
    },
    {
      title: t('commandStart'),
      text: 'cd server\nnpm run dev',
      expected: `Fastify server started on port ${port}\nWebSocket service initialized`,
    },
    { title: t('commandStatus'), text: windows ? `curl.exe ${base}/status` : `curl ${base}/status` },
    {
      title: t('commandEnv'),
      // PowerShell 5 would write UTF-16 by `echo … >`, which Next.js cannot read.
      text: windows
        ? `cd web\nSet-Content .env.local "NEXT_PUBLIC_API_BASE_URL=${base}" -Encoding ascii`
        : `cd web\necho "NEXT_PUBLIC_API_BASE_URL=${base}" > .env.local`,
    },
    { title: t('commandConsole'), text: consoleTest(socketUrl(base)) },
  ];
  return (
    <section aria-label={t('commands')} className="rounded-card border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
        <h2 className="flex-1 text-title font-semibold whitespace-nowrap">{t('commands')}</h2>
      </div>
      <div className="flex flex-col gap-3 p-4">
        <Segments
          label={t('commands')}
          value={system}
          options={(['windows', 'unix'] as const).map((value) => ({ value, label: t(value) }))}
          onChoose={setSystem}
          className="border border-line"
        />
        {steps.map(({ title, text, expected }) => (
          <div key={title} className="flex flex-col gap-1">
            <p className="text-second text-soft">{title}</p>
            <Command text={text} label={title} />
            {expected !== undefined && (
              <p className="text-second text-faint">
                {t('expected')}
                <span className="block font-mono text-meta whitespace-pre-line">{expected}</span>
              </p>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

/** The guide's own lines. */
function consoleTest(url: string): string {
  return `const ws = new WebSocket('${url}');
ws.onopen = () => console.log('✅ 连接成功');
ws.onmessage = (e) => console.log('📨 收到消息:', JSON.parse(e.data));
ws.onerror = (e) => console.error('❌ 连接错误:', e);`;
}
