// Holds that nothing secret and nobody's telephone number lies in the tree; what only looks like one must look made up.
import { describe, expect, it } from 'vitest';
import { files } from './tree.ts';

const texts = files('').filter(
  ({ path }) => !/\.(png|ico|woff2|webp)$|^package-lock\.json$|^test\/house\/secrets\.test\.ts$/.test(path),
);

const secrets: Readonly<Record<string, RegExp>> = {
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  'a token of GitHub': /\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})/,
  'a token of npm': /\bnpm_[A-Za-z0-9]{36}\b/,
  'a key of a cloud': /\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b/,
  'a key of another service': /\b(sk|pk|rk)[-_](live|test|proj|ant)?[-_]?[A-Za-z0-9]{24,}\b|\bxox[abprs]-[\w-]{10,}/,
  'a signed token': /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  'an authorisation': /_authToken\s*=|_auth\s*=|\bBearer [A-Za-z0-9._-]{24,}/,
};

const numbers =
  /(?<![\w.])\+\d[\d ()-]{7,18}\d|(?<!\d)(86)?1[3-9]\d{9}(?!\d)|\b\d{10,15}(?=@(s\.whatsapp\.net|c\.us))/g;
/** Four equal digits, a run, or the textbook numbers of China, Britain and America. */
const madeUp = /(\d)\1{3}|1234567|1380013|1390013|20794609|55501/;

describe('the tree', () => {
  it.each(Object.entries(secrets))('holds not %s', (_, sign) => {
    const found = texts.flatMap(({ path, text }) => {
      const at = text.search(sign);
      return at < 0 ? [] : [`${path}:${text.slice(0, at).split('\n').length}`];
    });
    expect(found).toEqual([]);
  });

  it('holds no telephone number that could be somebody’s', () => {
    const found = texts.flatMap(({ path, text }) =>
      [...text.matchAll(numbers)]
        .filter(([number]) => !madeUp.test(number.replace(/\D/g, '')))
        .map(([number]) => `${path}: ${number}`),
    );
    expect(found).toEqual([]);
  });
});
