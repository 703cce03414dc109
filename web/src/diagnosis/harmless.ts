// Takes everything out of a text that a person may have written: what is left are the words of browsers, of React and of our own lines. It never looks a word up anywhere.

/** The words of error texts and log lines; any other word may be a name. */
const known = new Set(
  `a aborted access act action after all allowed already an and any are argument arguments array as assign assigned at
attempt attempted attribute aria await be because been before being blocked body boolean boundary browser build bytes
call called calling can cannot cant caught chain change changed child children chunk class client clone close closed
code column component components connect connected connecting connection console const constructor content convert
could cors create created cross css csp data debug declared default defined delete depth deprecated destroyed did
directive disconnected div document does dom domexception down due during each either element elements empty end
entered env environment error errors eval evaluate event events exceeded exception executed execute expected extension
failed failure false fallback fetch few fewer file find first following for found frame from full function gap get
getting give given global got had handler has have header hook hooks http https hydrated hydrating hydration if ignored
import in index infinite initial input inside instance instanceof instead internal into invalid invariant is it
iterable its json key keys last length level lifecycle limit line list load loaded loading local lock long loop made
main match matches max maximum message method minified missing mode module more most mount mounted must name navigation
network new next no node non not null number object of off offline on once one online only open operation operator option
or origin other out outside over page parameter parse parsing passed path pending performed permission please plugin
policy port private promise prop properties property props protocol prototype proxy quota range react reach reached
reading read ready reason received reconnect reconnecting recursion ref referenceerror refused refs reject rejected
release reload remove removed render rendered rendering rendesr request requires reset resource response rest result
return returned root rule rules same script security see selector send sent server set setting shape should signal
signature size skip so socket some source stack start started state status step stop storage store stream string suspend
suspended suspense switch sync syntax syntaxerror tab task text than that the their them then there these this thread
throw thrown time timed timeout timeouterror timer to token too transform tree true try type typeerror undefined
unexpected unhandled unique unknown unmounted until up update updated updates upgrade uncaught url use used user using
valid value values variable version violates waiting warning was way websocket were when where which while will window
with without worker would write wrong xhr you your`.split(/\s+/),
);

const CODE = /^(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]+[a-z]*Error|E[A-Z]{3,12}|R\d\d|h\d|v?\d{1,4}(?:\.\d{1,4}){0,3})$/;

/**
 * A word that nobody knows becomes its length: `‹7›`. A number of more than four digits may be a phone or a code. Of an address
 * the origin stays, if it is this machine's, and the path's shape.
 */
export function harmless(text: string): string {
  return text
    .slice(0, 2_000)
    .split(/(\b(?:https?|wss?):\/\/[^\s'"()<>]+)/)
    .map((part, index) => (index % 2 === 1 ? place(part) : part.replace(/[\p{L}\p{N}_$]+/gu, wordOf)))
    .join('');
}

function wordOf(word: string): string {
  return known.has(word.toLowerCase()) || CODE.test(word) ? word : `‹${[...word].length}›`;
}

/** `http://localhost:4000/api/conversations?q=…` -> `http://localhost:4000/api/‹13›`: a query or an id never stays. */
export function place(url: string): string {
  if (!URL.canParse(url)) return '‹url›';
  const { protocol, hostname, port, pathname } = new URL(url);
  const host = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname) ? hostname : `‹${hostname.length}›`;
  const path = pathname
    .split('/')
    .map((part) => (part === '' || OWN.test(part) || isAsset(pathname, part) ? part : `‹${[...part].length}›`))
    .join('/');
  return `${protocol}//${host}${port && `:${port}`}${path}`;
}

/** A file that the build named. */
function isAsset(pathname: string, part: string): boolean {
  return pathname.startsWith('/_next/static/') && pathname.endsWith(part) && /^[\w.~-]{1,60}\.(?:js|css)$/.test(part);
}

/** Parts of our own paths. */
const OWN = /^(api|ws|status|livez|readyz|metrics|diagnosis|inbox|sandbox|settings|test-ws|_next|static|chunks)$/;
