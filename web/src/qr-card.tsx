'use client';
// The QR code of an account that waits for a scan: black on white, a ring that counts down, three steps. The next code comes by itself over the live connection.
import type { Account } from '@pulseline/protocol';
import { ScanLine } from 'lucide-react';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { encode } from 'uqr';
import { useTranslations } from 'use-intl';
import { pairingCode } from './account-calls.ts';
import { AccountWords } from './account-words.tsx';
import { Button, Failure, Field, useAction } from './controls.tsx';
import { useDesk } from './desk.ts';
import { choose, usePreferences } from './preferences.ts';
import { Risk } from './risk.tsx';
import { scanWithSandbox } from './sandbox-calls.ts';
import { useNow } from './ticking.ts';

export function QrCard(props: { readonly account: Account }): ReactNode {
  return (
    <AccountWords>
      <Login {...props} />
    </AccountWords>
  );
}

function Login({ account }: { readonly account: Account }): ReactNode {
  const accepted = usePreferences(({ riskAccepted }) => riskAccepted);
  if (account.kind === 'phone' && !accepted) return <RiskGate />;
  return <Code account={account} />;
}

/** Before the first QR code of a real phone: what the reader has to know, and to accept. */
function RiskGate(): ReactNode {
  const t = useTranslations('risk');
  const [checked, setChecked] = useState(false);
  return (
    <div className="flex flex-col gap-3">
      <Risk checked={checked} onChange={setChecked} />
      <Button look="primary" disabled={!checked} onClick={() => choose({ riskAccepted: true })}>
        {t('show')}
      </Button>
    </div>
  );
}

function Code({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('qr');
  const code = useDesk(({ inbox }) => inbox.qrs.get(account.id));
  const scan = useAction();
  return (
    <div className="flex flex-col items-center gap-4">
      {code === undefined ? (
        <div className="flex size-64 items-center justify-center rounded-card bg-sunken p-6 text-center text-soft">
          {t('waiting')}
        </div>
      ) : (
        <Picture {...code} />
      )}
      {account.kind === 'sandbox' ? (
        <Button
          look="primary"
          icon={ScanLine}
          data-testid="sandbox-scan"
          className="w-full"
          disabled={code === undefined || scan.busy}
          onClick={() => scan.run(() => scanWithSandbox(account.id))}
        >
          {scan.busy ? t('scanning') : t('scan')}
        </Button>
      ) : (
        <Steps account={account} />
      )}
      <Failure error={scan.error} />
    </div>
  );
}

function Steps({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('qr');
  return (
    <div className="flex w-full flex-col gap-3">
      <ol className="flex flex-col gap-1.5">
        {[t('step1'), t('step2'), t('step3')].map((step, index) => (
          <li key={step} className="flex items-start gap-2">
            <span
              aria-hidden
              className="flex size-5 shrink-0 items-center justify-center rounded-full bg-wash text-meta font-semibold text-accent"
            >
              {index + 1}
            </span>
            {step}
          </li>
        ))}
      </ol>
      <Pairing account={account} />
    </div>
  );
}

/** For a phone that cannot scan: eight characters to type. Whoever reads this on the phone itself cannot scan its own screen. */
function Pairing({ account }: { readonly account: Account }): ReactNode {
  const t = useTranslations('qr');
  const onPhone = useMemo(() => window.matchMedia('(pointer: coarse) and (max-width: 767px)').matches, []);
  const [phone, setPhone] = useState('');
  const [code, setCode] = useState<string>();
  const action = useAction();
  return (
    <details open={onPhone || undefined}>
      <summary className="w-fit cursor-pointer font-semibold text-accent">{t('pairing')}</summary>
      <form
        className="mt-2 flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run(async () => setCode(await pairingCode(account.id, phone)));
        }}
      >
        <Field
          label={t('pairingPhone')}
          type="tel"
          autoComplete="tel"
          placeholder="+86 138 0000 0000"
          required
          value={phone}
          onChange={(event) => setPhone(event.target.value)}
        />
        <Button type="submit" disabled={action.busy}>
          {t('pairingGet')}
        </Button>
        <Failure error={action.error} />
        {code !== undefined && (
          <p className="text-second text-soft">
            {t('pairingText')}
            <output className="block font-mono text-figure tracking-widest text-ink select-all">
              {code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code}
            </output>
          </p>
        )}
      </form>
    </details>
  );
}

const RING = 2 * Math.PI * 9;

function Picture({ qr, expiresAt }: { readonly qr: string; readonly expiresAt: number }): ReactNode {
  const t = useTranslations('qr');
  const { path, size } = useMemo(() => draw(qr), [qr]);
  const now = useNow(500);
  // When this code was first seen here: the ring is full then and empty at its end.
  const seen = useRef({ qr: '', at: 0 });
  if (seen.current.qr !== qr) seen.current = { qr, at: now };
  const left = Math.max(0, expiresAt - now);
  const share = Math.min(1, left / Math.max(1, expiresAt - seen.current.at));
  return (
    <div className="flex flex-col items-center gap-2">
      <div data-testid="qr" data-qr={qr} className="rounded-card border border-line bg-white p-3">
        <svg
          role="img"
          aria-label={t('label')}
          viewBox={`0 0 ${size} ${size}`}
          shapeRendering="crispEdges"
          className="block size-64"
        >
          <path d={path} fill="#000000" />
        </svg>
      </div>
      <p className="flex items-center gap-2 text-second text-soft">
        <svg
          aria-hidden
          width="22"
          height="22"
          viewBox="0 0 22 22"
          fill="none"
          strokeWidth="2.5"
          className="-rotate-90"
        >
          <circle cx="11" cy="11" r="9" className="stroke-line" />
          <circle
            cx="11"
            cy="11"
            r="9"
            className="stroke-accent"
            strokeLinecap="round"
            strokeDasharray={`${share * RING} ${RING}`}
          />
        </svg>
        {t('expires', { seconds: String(Math.ceil(left / 1_000)) })}
      </p>
      <span role="status" className="sr-only" key={qr}>
        {t('renewed')}
      </span>
    </div>
  );
}

/** One path for all dark modules, with the quiet zone of two modules that the white frame widens to four. */
function draw(text: string): { readonly path: string; readonly size: number } {
  const { data, size } = encode(text, { border: 2 });
  const parts: string[] = [];
  data.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x += 1;
      parts.push(`M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`);
    }
  });
  return { path: parts.join(''), size };
}
