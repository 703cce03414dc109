'use client';
// The diagnosis guide as a page, in the reader's language; each check that it names can be linked to. It only shows what docs/guide*.md say.
import Link from 'next/link';
import { type ReactNode, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { Command } from './copying.tsx';
import type { Block, Inline } from './guide-text.ts';
import { useLanguage, Words } from './language.tsx';
import { PageBody, PageHeader } from './shell.tsx';
import { diagnosisWords as diagnosisEn } from './words/diagnosis.en.ts';
import { diagnosisWords } from './words/diagnosis.ts';

const words = { zh: diagnosisWords, en: diagnosisEn } as const;

export interface GuideProps {
  readonly zh: readonly Block[];
  readonly en: readonly Block[];
}

export function Guide(texts: GuideProps): ReactNode {
  return (
    <Words of={words}>
      <Body {...texts} />
    </Words>
  );
}

function Body(texts: GuideProps): ReactNode {
  const t = useTranslations('diagnosis');
  const language = useLanguage();
  // The page begins with hydration: the browser has looked for the anchor before it was there.
  useEffect(() => {
    const target = document.getElementById((language && location.hash.slice(1)) || 'none');
    target?.scrollIntoView({ block: 'center' });
    target?.setAttribute('data-target', '');
  }, [language]);
  // The first heading is the page's title, the line under it leads to files that only the repository has.
  const [, , ...blocks] = texts[language];
  return (
    <>
      <PageHeader title={t('guide')} />
      <PageBody>
        <div className="flex max-w-3xl flex-col gap-3 p-4 md:p-6">
          {blocks.map((block, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes
            <BlockView key={index} block={block} />
          ))}
        </div>
      </PageBody>
    </>
  );
}

function BlockView({ block }: { readonly block: Block }): ReactNode {
  switch (block.kind) {
    case 'heading': {
      const inline = <InlineView inline={block.inline} />;
      return block.level === 3 ? (
        <h3 className="mt-3 text-title font-semibold">{inline}</h3>
      ) : (
        <h2 className="mt-5 text-page font-semibold">{inline}</h2>
      );
    }
    case 'paragraph':
      return (
        <p className="text-title">
          <InlineView inline={block.inline} />
        </p>
      );
    case 'code':
      return <Command text={block.text} />;
    case 'list': {
      const items = block.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes
        <li key={index}>
          <InlineView inline={item} />
        </li>
      ));
      const look = 'flex flex-col gap-1 pl-6 text-title';
      return block.ordered ? (
        <ol className={`list-decimal ${look}`}>{items}</ol>
      ) : (
        <ul className={`list-disc ${look}`}>{items}</ul>
      );
    }
    case 'table':
      return (
        <div className="overflow-x-auto rounded-card border border-line bg-surface" tabIndex={0}>
          <table className="w-full">
            <thead>
              <tr className="bg-sunken text-left text-second text-soft">
                {block.head.map((cell, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes
                  <th key={index} scope="col" className="px-3 py-2 font-normal">
                    <InlineView inline={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes
                <tr key={index} className="border-t border-line align-top has-data-target:bg-wash">
                  {row.map((cell, column) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes
                    <td key={column} className="px-3 py-2">
                      <InlineView inline={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function InlineView({ inline }: { readonly inline: readonly Inline[] }): ReactNode {
  return inline.map((part, index) => {
    const key = `${index} ${part.text}`;
    if (part.kind === 'text') return <span key={key}>{part.text}</span>;
    if (part.kind === 'code') {
      return (
        <code
          key={key}
          id={part.anchor}
          className="mx-0.5 rounded-control bg-sunken px-1 py-0.5 font-mono text-second data-target:bg-accent data-target:text-on-accent"
        >
          {part.text}
        </code>
      );
    }
    if (!part.href.startsWith('http')) return <span key={key}>{part.text}</span>;
    const own = /^http:\/\/localhost:3000(\/.*)$/.exec(part.href)?.[1];
    const look = 'text-info underline';
    return own === undefined ? (
      <a key={key} href={part.href} className={look}>
        {part.text}
      </a>
    ) : (
      <Link key={key} href={own} className={look}>
        {own}
      </Link>
    );
  });
}
