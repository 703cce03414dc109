// Runs inside a network namespace that has nothing but loopback: uses the product as a newcomer does, and counts what would have left this computer. Prints one line of JSON; asserts nothing.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { shape } from '@pulseline/protocol';
import { Product } from '../product.ts';
import { until } from '../until.ts';

const made = shape.object({ id: shape.string() });

/** Questions to a name server on this computer: on some systems it is the one that asks the others. */
let questions = 0;
const nameServer = createSocket('udp4', () => {
  questions += 1;
});
nameServer.bind(53, '127.0.0.1');
await once(nameServer, 'listening');

/** What the kernel had no route for, TCP and UDP, in both families: everything that is not loopback. */
function left(): number {
  const [names = [], values = []] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Ip:'))
    .map((line) => line.split(/\s+/));
  const v4 = Number(values[names.indexOf('OutNoRoutes')]);
  const v6 = Number(/^Ip6OutNoRoutes\s+(\d+)$/m.exec(readFileSync('/proc/net/snmp6', 'utf8'))?.[1] ?? 0);
  return v4 + v6 + questions;
}

const before = left();
// The other journeys forbid names beyond this machine; here nothing is forbidden, only counted.
const product = await Product.start({ env: { NODE_OPTIONS: '' } });
const { id } = await product.addAccount('Egress');
await product.qr(id);
await product.call('POST', `/api/sandbox/accounts/${id}/scan`, {});
await product.inState(id, 'READY');
const contact = made.parse(await product.call('POST', '/api/sandbox/contacts', { name: 'Ann' }));
await product.call('POST', `/api/sandbox/contacts/${contact.id}/messages`, { account: id, text: 'Good morning' });
const chat = await until('the conversation', async () => (await product.conversations())[0]);
await product.reply(id, chat.address, 'Good morning to you', 'egress-1');
await until('the reply', async () =>
  JSON.stringify(await product.call('GET', `/api/sandbox/contacts/${contact.id}/messages`)).includes('to you'),
);
await fetch(`${product.url}/metrics`);
await product.stop();
await product.start();
await product.inState(id, 'READY');
const sandbox = left() - before;

// The same product with a real phone does dial: what was counted is countable.
const phone = await product.addAccount('A real phone', 'phone');
await product.inState(phone.id, 'DISCONNECTED');
const real = left() - before - sandbox;
await product.close();
nameServer.close();
console.log(JSON.stringify({ sandbox, real }));
