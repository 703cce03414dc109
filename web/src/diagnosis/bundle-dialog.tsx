'use client';
// Makes the support bundle: says what will be in it and what will not, makes it when asked, and saves it on the reader's computer. It sends it to nobody.
import { useLiveClient } from '@pulseline/client/react';
import { Check, Download, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useLinkState } from '../connection.tsx';
import { consoleLines, pageErrors } from '../console-ring.ts';
import { Button, Failure, Notice, useAction } from '../controls.tsx';
import { Dialog } from '../dialog.tsx';
import { useFrames } from '../frames.ts';
import { useLanguage } from '../language.tsx';
import { proofs } from '../proofs.ts';
import { fetchFile, RestError } from '../rest.ts';
import { type BrowserPart, browserPart, type TabState } from './browser-part.ts';
import { diagnose, diagnosis } from './run.ts';
import { useDiagnosisWords } from './words.ts';

export default function BundleDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useDiagnosisWords();
  const language = useLanguage();
  const client = useLiveClient();
  const link = useLinkState();
  const byType = useFrames((frames) => frames.byType);
  const { busy, error, run } = useAction();
  const [made, setMade] = useState<{ readonly name: string; readonly bytes: number }>();
  const offline = link === 'waiting' || link === 'closed';

  const make = async (): Promise<void> => {
    // The state of now, also where nobody has looked yet.
    await diagnose();
    const tab: TabState = {
      at: Date.now(),
      location: location.href,
      userAgent: navigator.userAgent,
      language,
      viewport: [innerWidth, innerHeight],
      visible: document.visibilityState === 'visible',
      lines: consoleLines.list(),
      errors: pageErrors.list(),
      status: client.snapshot(),
      proofs: proofs(),
      byType,
      report: diagnosis().report,
    };
    const part = browserPart(tab);
    const stamp = new Date(tab.at).toISOString().replaceAll(/[:.]/g, '-');
    const packed = offline ? undefined : await pack(part);
    // Where no server packs it, what the browser knows goes as one readable file.
    const file = packed ?? new Blob([JSON.stringify(part, undefined, 2)], { type: 'application/json' });
    const name = `pulseline-support-${stamp}.${packed === undefined ? 'json' : 'zip'}`;
    save(file, name);
    setMade({ name, bytes: file.size });
  };

  return (
    <Dialog title={words.bundleTitle} onClose={onClose}>
      <p>{words.bundleText}</p>
      <div>
        <h3 className="text-second font-semibold text-soft">{words.bundleInside}</h3>
        <ul className="mt-1 flex flex-col gap-1">
          {words.bundleItems(consoleLines.list().length, pageErrors.list().length).map((item) => (
            <li key={item} className="flex gap-2">
              <Check aria-hidden size={16} strokeWidth={2} className="mt-0.5 shrink-0 text-ok" />
              {item}
            </li>
          ))}
        </ul>
      </div>
      <div>
        <h3 className="text-second font-semibold text-soft">{words.bundleOutside}</h3>
        <p className="mt-1 flex gap-2">
          <X aria-hidden size={16} strokeWidth={2} className="mt-0.5 shrink-0 text-bad" />
          {words.bundleNever}
        </p>
      </div>
      {offline && <Notice tone="warn" text={words.bundleOffline} />}
      <Failure error={error} />
      <div className="flex flex-wrap items-center justify-end gap-3">
        {made !== undefined && (
          <p role="status" data-testid="bundle-made" className="min-w-0 flex-1 text-second text-ok">
            {words.bundleDone(made.name, size(made.bytes))}
          </p>
        )}
        <Button look="primary" icon={Download} disabled={busy} data-testid="bundle-make" onClick={() => void run(make)}>
          {busy ? words.bundleMaking : words.bundleMake}
        </Button>
      </div>
    </Dialog>
  );
}

/** The zip with the server's side; undefined of a server that makes none. */
async function pack(part: BrowserPart): Promise<Blob | undefined> {
  try {
    return await fetchFile('/api/diagnosis/bundle', { ...part });
  } catch (error) {
    if (error instanceof RestError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

function size(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read it only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
