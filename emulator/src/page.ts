// The page of the control address: phones, contacts, stanzas as they pass, and buttons that play them; it asks the control API and knows nothing else.

/** It has no foreign part: no script, font or picture from elsewhere. */
export const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>WhatsApp on loopback</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
:root{color-scheme:light dark;--line:#8884;--soft:#8882}
*{box-sizing:border-box}body{font:14px/1.45 system-ui,sans-serif;margin:0;display:grid;grid-template-columns:minmax(20rem,30rem) 1fr;height:100vh}
main,aside{overflow:auto;padding:1rem}aside{border-right:1px solid var(--line)}h1{font-size:1.1rem;margin:0 0 .5rem}h2{font-size:.95rem;margin:1.2rem 0 .4rem}
section{border:1px solid var(--line);border-radius:6px;padding:.5rem .6rem;margin:.4rem 0}small{opacity:.7}
form{display:flex;gap:.3rem;margin:.3rem 0;flex-wrap:wrap}input,select,textarea{font:inherit;padding:.25rem .4rem;flex:1;min-width:6rem}button{font:inherit;padding:.25rem .6rem}
#stanzas{font:12px/1.5 ui-monospace,monospace;white-space:pre-wrap;word-break:break-all;margin:0}#stanzas div{border-bottom:1px solid var(--soft);padding:.1rem 0}
#stanzas .in::before{content:"→ ";color:#27a}#stanzas .out::before{content:"← ";color:#2a7}#said{min-height:1.4em}
@media(max-width:50rem){body{grid-template-columns:1fr;height:auto}}
</style></head><body>
<aside><h1>WhatsApp on loopback</h1><p id="said" role="status"></p>
<h2>Phones</h2><div id="phones"></div>
<form data-post="/phones"><input name="name" placeholder="name of a phone" required aria-label="name of a phone"><button>Add phone</button></form>
<form data-post="/scan"><textarea name="qr" rows="1" placeholder="text of a QR code" required aria-label="text of a QR code"></textarea><button>Scan</button></form>
<h2>Contacts</h2><div id="contacts"></div>
<form data-post="/contacts"><input name="name" placeholder="name of a contact" required aria-label="name of a contact"><button>Add contact</button></form>
<h2>Fault</h2>
<form data-post="/faults"><select name="kind" aria-label="fault"></select><input name="code" type="number" placeholder="code" aria-label="code"><input name="n" type="number" placeholder="n" aria-label="how often"><button>Order</button></form>
<form data-delete="/faults"><button>Take all back</button></form><div id="faults"></div>
</aside>
<main><h1>Stanzas <small id="count"></small></h1><form id="filter"><input placeholder="show only what contains…" aria-label="filter"><button type="button" id="pause">Pause</button><button type="button" id="clear">Clear</button></form><div id="stanzas" role="log"></div></main>
<script type="module">
const $ = (id) => document.getElementById(id);
const say = (text) => { $('said').textContent = text; };
async function ask(path, body, method = body === undefined ? 'GET' : 'POST') {
  const answer = await fetch(path, body === undefined ? { method } : { method, body: JSON.stringify(body) });
  const text = await answer.text();
  const value = text ? JSON.parse(text) : undefined;
  if (!answer.ok) throw new Error(value?.error ?? answer.status);
  return value;
}
const el = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text ?? '' }, more);
function letterForm(kind, person, phones) {
  const form = el('form');
  const to = el('select', '', { ariaLabel: 'to' });
  for (const each of phones) if (each.id !== person.id) to.append(el('option', each.name, { value: each.id }));
  const what = el('select', '', { ariaLabel: 'kind' });
  for (const each of ['text','image','voice','video','document','sticker','location','poll']) what.append(el('option', each));
  const text = el('input', '', { placeholder: 'what ' + person.name + ' says', ariaLabel: 'text' });
  form.append(to, what, text, el('button', 'Send'));
  form.onsubmit = (event) => { event.preventDefault(); play(async () => {
    const said = { to: to.value, kind: what.value, text: text.value, caption: text.value || undefined };
    if (said.kind === 'text') delete said.kind;
    if (said.kind === 'location') Object.assign(said, { latitude: 31.23, longitude: 121.47, name: text.value || 'here' });
    if (said.kind === 'poll') Object.assign(said, { question: text.value || '?', options: ['yes', 'no'] });
    const { id } = await ask('/' + kind + '/' + person.id + '/send', said);
    return 'sent ' + id;
  }); };
  return form;
}
async function play(act) { try { say((await act()) ?? 'done'); await refresh(); } catch (error) { say('refused: ' + error.message); } }
const button = (label, path, body = {}) => { const b = el('button', label, { type: 'button' }); b.onclick = () => play(() => ask(path, body).then(() => label)); return b; };
async function refresh() {
  const [phones, contacts, faults] = await Promise.all([ask('/phones'), ask('/contacts'), ask('/faults')]);
  if (document.activeElement?.closest('section')) return;
  $('phones').replaceChildren(...phones.map((p) => {
    const box = el('section'); const path = '/phones/' + p.id;
    box.append(el('b', p.name), el('small', ' ' + p.number + (p.offline ? ' · offline' : '') + ' · ' + p.devices.map((d) => d.device + ' ' + d.phase + ' (' + d.pending + ')').join(', ')));
    box.append(letterForm('phones', p, [...contacts, ...phones]), button('read all', path + '/read'), button(p.offline ? 'online' : 'offline', path + (p.offline ? '/online' : '/offline')), button('log out', path + '/logout'));
    return box; }));
  $('contacts').replaceChildren(...contacts.map((c) => {
    const box = el('section'); const path = '/contacts/' + c.id;
    box.append(el('b', c.name), el('small', ' ' + c.number + (c.online ? ' · online' : '') + (c.reachable ? '' : ' · switched off')));
    box.append(letterForm('contacts', c, phones), button('read all', path + '/read'), button(c.online ? 'leave' : 'come online', path + '/online', { on: !c.online }), button(c.reachable ? 'switch off' : 'switch on', path + '/reachable', { on: !c.reachable }));
    if (phones[0]) box.append(button('type', path + '/typing', { to: phones[0].id }), button('call', path + '/call', { to: phones[0].id }));
    return box; }));
  $('faults').replaceChildren(...faults.map((f) => el('small', JSON.stringify(f))));
}
for (const form of document.querySelectorAll('form[data-post]')) form.onsubmit = (event) => { event.preventDefault(); play(async () => {
  const body = Object.fromEntries([...new FormData(form)].filter(([, v]) => v !== '').map(([k, v]) => [k, k === 'code' || k === 'n' ? Number(v) : v]));
  await ask(form.dataset.post, body); form.reset(); }); };
document.querySelector('[data-delete]').onsubmit = (event) => { event.preventDefault(); play(() => ask('/faults', undefined, 'DELETE')); };
ask('/faults/kinds').then((kinds) => { for (const kind of kinds) document.querySelector('[name=kind]').append(el('option', kind)); });
let paused = false, count = 0; const wanted = $('filter').querySelector('input');
$('filter').onsubmit = (event) => event.preventDefault();
$('pause').onclick = () => { paused = !paused; $('pause').textContent = paused ? 'Go on' : 'Pause'; };
$('clear').onclick = () => $('stanzas').replaceChildren();
new EventSource('/stanzas').onmessage = ({ data }) => {
  const s = JSON.parse(data); count += 1; $('count').textContent = count;
  if (paused || (wanted.value && !s.stanza.includes(wanted.value))) return;
  $('stanzas').prepend(el('div', new Date(s.at).toLocaleTimeString() + ' ' + s.device + ' ' + s.stanza, { className: s.direction }));
  while ($('stanzas').childElementCount > 500) $('stanzas').lastElementChild.remove();
};
refresh().catch((error) => say(error.message)); setInterval(() => refresh().catch(() => say('the emulator is gone')), 2000);
</script></body></html>
`;
