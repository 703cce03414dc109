// How every suite runs: few worker processes, since two cores serve real servers and a browser; it names no suite (scripts/test.mjs does).
import { defineConfig } from 'vitest/config';

/** They look at what a process shares (a library's own functions, who is inside its context), so each needs one in which nothing ran before. */
const alone = ['session-trial', 'shared-context', 'signature'].map((name) => `server/src/whatsapp/${name}.test.ts`);
const exclude = ['**/node_modules/**', '**/out/**', '**/.next/**', '**/dist/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    // For a machine that others keep busy: what hangs is found all the same.
    testTimeout: 40_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    projects: [
      { extends: true, test: { name: 'alone', include: alone, exclude, isolate: true } },
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...exclude, ...alone],
          // A worker keeps what one file has loaded for the next: half of a suite's work was loading it all again. So no file may leave anything behind.
          isolate: false,
        },
      },
    ],
  },
});
