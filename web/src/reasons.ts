// A reason from the server in the reader's own language; it never changes what happened.
import {
  type ErrorCode,
  errorCodes,
  errors,
  explain,
  type Language,
  languages,
  type Params,
} from '@pulseline/protocol';

export interface Told {
  readonly text: string;
  readonly fix: string;
}

const codes: ReadonlyMap<string, ErrorCode> = new Map(errorCodes.map((code) => [code, code]));

/**
 * The server writes reasons in its one language and sends no parameters. Its text is read back through the error table
 * (which host, which error), and told again in `language`; a text that the table did not write is passed on as it is.
 */
export function tell(code: string, given: Told, language: Language): Told {
  const known = codes.get(code);
  if (known === undefined) return given;
  for (const from of languages) {
    const title = match(errors[known].title[from], given.text);
    if (title === undefined) continue;
    return explain(known, language, { ...match(errors[known].fix[from], given.fix), ...title });
  }
  return { text: given.text, fix: given.fix || errors[known].fix[language] };
}

/** The parameters with which `words` give `text`; undefined if none do. */
function match(words: string, text: string): Params | undefined {
  const names: string[] = [];
  const pattern = words
    .split(/\{(\w+)\}/)
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(part);
      return '(.*?)';
    })
    .join('');
  const found = new RegExp(`^${pattern}$`, 's').exec(text);
  return found === null ? undefined : Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? '']));
}
