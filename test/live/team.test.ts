// Team presence over real sockets: dashboards see each other come, look, reply, and be gone.
import { createLiveClient, createTeam, type SocketConstructor } from '@pulseline/client';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../until.ts';
import { atEnd, closeAll, plain, serve } from './loopback.ts';

afterEach(closeAll);

function sitDown(url: string, person: string) {
  const sockets: WebSocket[] = [];
  const Kept = class extends WebSocket {
    constructor(href: string) {
      super(href);
      sockets.push(this);
    }
  };
  // Back after 250 ms: sooner, and nobody would have seen that the connection was gone.
  const environment = { random: () => 0.99 };
  const client = createLiveClient(url, { WebSocket: Kept satisfies SocketConstructor, environment });
  const team = createTeam(client, { person, name: person.toUpperCase() });
  atEnd(() => client.stop());
  client.start();
  return { client, team, cut: () => sockets.at(-1)?.terminate() };
}

describe('the team', () => {
  it('[G18] is seen by everybody: who is here, what each looks at, who is replying, and within 300 ms who is gone', async () => {
    const { url } = await serve();
    const anna = sitDown(url, 'anna');
    const boris = sitDown(url, 'boris');
    const seen = () => anna.team.people().find(({ id }) => id === 'boris');
    await until('both are here', () => anna.team.people().length === 2 && boris.team.people().length === 2);
    boris.team.look('c_1');
    await until('he looks', () => seen()?.looking.includes('c_1') === true);
    boris.team.reply(true);
    await until('he replies', () => seen()?.replying.includes('c_1') === true);
    boris.team.reply(false);
    await until('he replies no more', () => seen()?.replying.length === 0);
    const goneAt = new Promise<number>((resolve) => {
      anna.team.subscribe(() => seen() === undefined && resolve(performance.now()));
    });
    const cutAt = performance.now();
    boris.cut();
    expect((await goneAt) - cutAt).toBeLessThan(300);
    await until('he is back by himself', () => seen()?.looking.includes('c_1') === true);
    expect(seen()).toEqual({ id: 'boris', name: 'BORIS', looking: ['c_1'], replying: [] });
  });

  it('is told to newcomers right after connected, and leaves no frame behind when nobody is here', async () => {
    const { hub, url } = await serve();
    const anna = sitDown(url, 'anna');
    await until('she is here', () => anna.team.people().length === 1);
    const second = plain(url);
    await second.until(() => second.frames.length === 2);
    expect(second.frames.map(({ type }) => type)).toEqual(['connected', 'team_presence']);
    anna.team.stop();
    expect(anna.team.people()).toEqual([]);
    await second.until(() => second.of('team_presence').length === 2);
    expect(second.of('team_presence').at(-1)?.data).toEqual({ people: [] });
    const third = plain(url);
    await third.until(() => third.frames.length === 1);
    hub.tell('sync_progress', { account: 'a', done: 1 });
    await third.until(() => third.frames.length === 2);
    expect(third.of('team_presence')).toEqual([]);
  });
});
