'use client';
// Catches an error of rendering, keeps the shell and the connection alive, and says what to do; it hides nothing and retries only when asked.
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { noteError } from './console-ring.ts';
import { Button } from './controls.tsx';

interface BoundaryProps {
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly error: unknown;
  readonly broken: boolean;
}

/** To be given the path as its `key`: another page begins unbroken. */
export class ErrorBoundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: undefined, broken: false };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error, broken: true };
  }

  override componentDidCatch(error: unknown, _info: ErrorInfo): void {
    noteError('render', error);
  }

  override render(): ReactNode {
    const { broken, error } = this.state;
    if (!broken) return this.props.children;
    return <Broken error={error} onRetry={() => this.setState({ broken: false, error: undefined })} />;
  }
}

/** Needs no further script: one that could not be fetched may be why we are here. */
function Broken({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  const t = useTranslations('broken');
  return (
    <div role="alert" data-testid="render-error" className="m-auto flex max-w-lg flex-col items-start gap-3 p-6">
      <h1 className="text-page font-semibold text-bad">{t('title')}</h1>
      <p className="text-soft">{t('text')}</p>
      <pre tabIndex={0} className="max-w-full overflow-x-auto rounded-control bg-sunken p-3 font-mono text-meta">
        {error instanceof Error ? `${error.name}: ${error.message}` : String(error)}
      </pre>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={onRetry}>
          {t('retry')}
        </Button>
        <Button onClick={() => location.reload()}>{t('reload')}</Button>
        {/* A whole load: what is broken may be what moves between pages. */}
        <Button onClick={() => location.assign('/test-ws')}>{t('diagnose')}</Button>
      </div>
    </div>
  );
}
