// What runs in the page of the control address: it asks the control API, shows what it answers, and knows nothing else.

/** A module script without any foreign part. `WORDS` is defined before it: the two dictionaries of page-words.ts. */
export const SCRIPT = `
const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('lang') ?? navigator.language;
const language = asked.startsWith('zh') ? 'zh' : 'en';
const words = WORDS[language];
const fill = (text, values) => text.replace(/\\{(\\w+)\\}/g, (_, name) => values[name]);
document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
document.title = words.title;
for (const each of document.querySelectorAll('[data-w]')) each.textContent = words[each.dataset.w];
for (const each of document.querySelectorAll('[data-ph]')) { each.placeholder = words[each.dataset.ph]; each.ariaLabel = words[each.dataset.ph]; }
$('language').onclick = () => { localStorage.setItem('lang', language === 'zh' ? 'en' : 'zh'); location.search = ''; };

let said = 0;
function say(text, bad = false) {
  $('said').textContent = text; $('said').className = bad ? 'bad' : '';
  clearTimeout(said); said = setTimeout(() => { $('said').textContent = ''; }, 6000);
}
async function ask(path, body, method = body === undefined ? 'GET' : 'POST') {
  const answer = await fetch(path, body === undefined ? { method } : { method, body: JSON.stringify(body) });
  const text = await answer.text();
  const value = text ? JSON.parse(text) : undefined;
  if (!answer.ok) throw new Error(value?.error || value?.code || answer.status);
  return value;
}
async function play(act) {
  try { const done = await act(); say(typeof done === 'string' ? done : words.done); await refresh(true); }
  catch (error) { say(fill(words.refused, { why: error.message }), true); }
}
const el = (tag, more = {}, ...inner) => { const e = Object.assign(document.createElement(tag), more); e.append(...inner); return e; };
const chip = (text, kind = '') => el('span', { className: 'chip ' + kind, textContent: text });
const button = (label, path, body = {}) => el('button', { type: 'button', textContent: label, onclick: () => play(() => ask(path, body).then(() => label)) });

function letterForm(kind, person, others) {
  const to = el('select', { ariaLabel: words.to }, ...others.map(({ id, name, subject }) => el('option', { value: id, textContent: name ?? subject })));
  const what = el('select', { ariaLabel: words.kind }, ...Object.entries(words.kinds).map(([value, textContent]) => el('option', { value, textContent })));
  const hint = fill(words.says, { name: person.name });
  const text = el('input', { placeholder: hint, ariaLabel: hint });
  return el('form', { className: 'letter', onsubmit: (event) => { event.preventDefault(); play(async () => {
    const letter = { to: to.value, text: text.value };
    if (what.value !== 'text') Object.assign(letter, { kind: what.value, caption: text.value || undefined });
    if (what.value === 'location') Object.assign(letter, { latitude: 31.23, longitude: 121.47, name: text.value || '外滩 · The Bund' });
    if (what.value === 'poll') Object.assign(letter, { question: text.value || '?', options: ['👍', '👎'] });
    const { id } = await ask('/' + kind + '/' + person.id + '/send', letter);
    text.value = '';
    return words.sent + ' ' + id;
  }); } }, to, what, text, el('button', { textContent: words.send, className: 'main' }));
}
const card = (head, chips, ...rest) => el('section', {}, el('div', { className: 'head' }, ...head, ...chips), ...rest);
const nobody = (text) => el('p', { className: 'empty', textContent: text });
const row = (...inner) => el('div', { className: 'row' }, ...inner);

function phoneCard(p, people) {
  const path = '/phones/' + p.id;
  const devices = p.devices.length === 0 ? [chip(words.noDevices)] : p.devices.map((d) => chip(d.device + ' ' + d.phase + (d.pending ? ' · ' + fill(words.pending, { n: d.pending }) : ''), d.online ? 'good' : ''));
  return card([el('b', { textContent: p.name }), el('small', { textContent: p.number })], [...(p.offline ? [chip(words.offline, 'warn')] : []), ...devices],
    ...(people.length ? [letterForm('phones', p, people)] : []),
    row(button(words.readAll, path + '/read'), button(p.offline ? words.goOnline : words.goOffline, path + (p.offline ? '/online' : '/offline')), ...(p.devices.length ? [button(words.unlink, path + '/logout')] : [])));
}
function contactCard(c, targets, phone) {
  const path = '/contacts/' + c.id;
  return card([el('b', { textContent: c.name }), el('small', { textContent: c.number })], [...(c.online ? [chip(words.online, 'good')] : []), ...(c.reachable ? [] : [chip(words.switchedOff, 'warn')])],
    ...(targets.length ? [letterForm('contacts', c, targets)] : []),
    row(button(words.readAll, path + '/read'), button(c.online ? words.leave : words.comeOnline, path + '/online', { on: !c.online }), button(c.reachable ? words.switchOff : words.switchOn, path + '/reachable', { on: !c.reachable }),
      ...(phone ? [button(words.type, path + '/typing', { to: phone.id }), button(words.call, path + '/call', { to: phone.id })] : [])));
}
const show = (id, cards, none) => $(id).replaceChildren(...(cards.length ? cards : [nobody(none)]));

let seen = '';
async function refresh(now = false) {
  const [phones, contacts, groups, faults, state] = await Promise.all(['/phones', '/contacts', '/groups', '/faults', '/state'].map((path) => ask(path)));
  $('live').textContent = words.live; $('live').className = 'chip good';
  $('connections').textContent = fill(words.connections, { n: state.connections });
  // What somebody is typing in stays as it is.
  const text = JSON.stringify([phones, contacts, groups, faults]);
  if (text === seen || (!now && document.activeElement?.closest('section'))) return;
  seen = text;
  show('phones', phones.map((p) => phoneCard(p, [...contacts, ...groups, ...phones.filter(({ id }) => id !== p.id)])), words.noPhones);
  show('contacts', contacts.map((c) => contactCard(c, [...phones, ...groups.filter(({ members }) => members.some(({ lid }) => lid === c.lid)), ...contacts.filter(({ id }) => id !== c.id)], phones[0])), words.noContacts);
  $('groups').replaceChildren(...groups.map((g) => card([el('b', { textContent: g.subject }), el('small', { textContent: g.id })], [chip(fill(words.members, { n: g.members.length }))])));
  $('faults').replaceChildren(...(faults.length ? faults.map((f) => chip(f.kind + (f.code ? ' ' + f.code : '') + ' · ' + (f.left === null ? words.lasting : fill(words.left, { n: f.left })), 'warn')) : [nobody(words.noFaults)]));
}
for (const form of document.querySelectorAll('form[data-post]')) form.onsubmit = (event) => { event.preventDefault(); play(async () => {
  const body = Object.fromEntries([...new FormData(form)].filter(([, v]) => v !== '').map(([k, v]) => [k, ['code', 'n', 'ms'].includes(k) ? Number(v) : v]));
  await ask(form.dataset.post, body); for (const input of form.querySelectorAll('input,textarea')) input.value = ''; }); };
$('group').onsubmit = (event) => { event.preventDefault(); play(async () => {
  const [phones, contacts] = await Promise.all([ask('/phones'), ask('/contacts')]);
  if (!contacts[0]) throw new Error(words.needContacts);
  await ask('/groups', { subject: $('group').subject.value, owner: contacts[0].id, members: [...contacts, ...phones].map(({ id }) => id) });
  $('group').reset(); }); };
$('back').onclick = () => play(() => ask('/faults', undefined, 'DELETE'));
const kind = document.querySelector('[name=kind]');
const explain = () => { $('does').textContent = words.does[kind.value] ?? ''; };
kind.onchange = explain;
ask('/faults/kinds').then((kinds) => { kind.append(...kinds.map((each) => el('option', { textContent: each }))); explain(); }, () => {});

let paused = false, count = 0;
const fits = (line) => line.textContent.toLowerCase().includes($('wanted').value.toLowerCase());
function sift() {
  const lines = [...$('stanzas').children];
  for (const line of lines) line.hidden = !fits(line);
  $('silent').hidden = lines.some((line) => !line.hidden);
  $('silent').textContent = lines.length ? words.noMatch : words.noStanzas;
}
$('wanted').oninput = sift;
$('pause').onclick = () => { paused = !paused; $('pause').textContent = paused ? words.goOn : words.pause; $('pause').ariaPressed = String(paused); };
$('clear').onclick = () => { $('stanzas').replaceChildren(); sift(); };
new EventSource('/stanzas').onmessage = ({ data }) => {
  const s = JSON.parse(data); count += 1; $('count').textContent = count;
  if (paused) return;
  const line = el('div', { className: s.direction }, el('time', { textContent: new Date(s.at).toLocaleTimeString() + '.' + String(s.at % 1000).padStart(3, '0') }), ' ', el('span', { className: 'who', textContent: s.device }), ' ', s.stanza);
  $('stanzas').prepend(line);
  while ($('stanzas').childElementCount > 500) $('stanzas').lastElementChild.remove();
  line.hidden = !fits(line); if (!line.hidden) $('silent').hidden = true;
};
sift();
const beat = () => refresh().catch(() => { $('live').textContent = words.gone; $('live').className = 'chip bad'; });
beat(); setInterval(beat, 1000);
`;
