// A step of the build that writes each text with parameters as icu-minify's compiled form, so that no browser has to load a parser of such texts. It changes nothing else in a dictionary.
import compile from 'icu-minify/compile';

const literal = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;

/** @param {string} source a dictionary: TypeScript whose only strings with braces are texts */
export default function withCompiledTexts(source) {
  return source.replace(literal, (quoted) => (/[{<]/.test(quoted) ? JSON.stringify(compile(textOf(quoted))) : quoted));
}

/** @param {string} quoted */
function textOf(quoted) {
  const inner = quoted.slice(1, -1).replaceAll("\\'", "'");
  return JSON.parse(`"${inner.replace(/(?<!\\)"/g, '\\"')}"`);
}
