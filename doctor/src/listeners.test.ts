// Who listens on a port, read from what Linux, Windows in Chinese and macOS print.
import { describe, expect, it } from 'vitest';
import {
  inLsof,
  inNetstat,
  inNetTcpConnection,
  inProcNet,
  inRanges,
  listeners,
  nameOf,
  processOf,
} from './listeners.ts';
import { machine, type World } from './world.ts';

describe('Linux', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000 100 0 0 10 0
   1: 0100007F:0FA0 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 12346 1 0000 20 4 30 10 -1
   2: 00000000000000000000000001000000:0FA0 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 12347 1 0 100 0`;

  it('tells listeners from connections, by the state of a socket', () => {
    expect(inProcNet(table)).toEqual([
      { port: 4_000, address: '127.0.0.1', inode: '12345' },
      { port: 4_000, address: '::1', inode: '12347' },
    ]);
  });

  const files: Readonly<Record<string, string>> = {
    '/proc/net/tcp': table,
    '/proc/net/tcp6': '',
    '/proc/77/cmdline': 'node\0their (odd) server.js\0',
    '/proc/77/stat': `77 (node) x) T 1 ${'0 '.repeat(17)}500 0`,
    '/proc/stat': 'cpu 1\nbtime 1700000000\n',
  };
  const world: World = {
    ...machine,
    platform: 'linux',
    read: async (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    list: async (folder) => (folder === '/proc' ? ['77', 'self'] : folder === '/proc/77/fd' ? ['3'] : []),
    readlink: async (path) => (path === '/proc/77/fd/3' ? 'socket:[12345]' : undefined),
  };

  it('finds the process by the inode, its start, and that it is stopped', async () => {
    const found = await listeners(world);
    expect(found?.map(({ pid }) => pid)).toEqual([77, undefined]);
    const process = await processOf(world, 77);
    expect(process).toMatchObject({ pid: 77, stopped: true, startedAt: 1_700_000_005_000 });
    expect(process && nameOf(process)).toBe('node their');
  });
});

describe('Windows', () => {
  it('reads netstat in any language, and no foreign port, no other port and no connection for a listener', () => {
    const text = `
活动连接

  协议  本地地址          外部地址        状态           PID
  TCP    0.0.0.0:40001          0.0.0.0:0              LISTENING       1111
  TCP    127.0.0.1:4000         0.0.0.0:0              LISTENING       2222
  TCP    127.0.0.1:50123        127.0.0.1:4000         ESTABLISHED     3333
  TCP    127.0.0.1:4000         127.0.0.1:50123        ESTABLISHED     2222
  TCP    127.0.0.1:50124        127.0.0.1:4000         TIME_WAIT       0
  TCP    [::1]:4000             [::]:0                 侦听            2222
  UDP    0.0.0.0:4000           *:*                                    4444
`;
    expect(inNetstat(text).filter(({ port }) => port === 4_000)).toEqual([
      { address: '127.0.0.1', port: 4_000, pid: 2_222 },
      { address: '::1', port: 4_000, pid: 2_222 },
    ]);
  });

  it('reads Get-NetTCPConnection', () => {
    expect(inNetTcpConnection('127.0.0.1\t4000\t2222\r\n::\t3000\t5\r\n\r\n')).toEqual([
      { address: '127.0.0.1', port: 4_000, pid: 2_222 },
      { address: '::', port: 3_000, pid: 5 },
    ]);
  });

  it('reads the reserved ranges in any language, with an administrator’s mark', () => {
    const text = `
协议 tcp 端口排除范围

开始端口    结束端口
----------    --------
      3970        4069
     50000       50059     *

* - 管理的端口排除。
`;
    expect(inRanges(text)).toEqual([
      [3_970, 4_069],
      [50_000, 50_059],
    ]);
  });

  it('a program that is missing or hangs only leaves its fact out', async () => {
    const world: World = { ...machine, platform: 'win32', run: async () => undefined };
    expect(await listeners(world)).toBeUndefined();
    expect(await processOf(world, 1)).toBeUndefined();
  });
});

describe('macOS', () => {
  it('reads lsof', () => {
    expect(inLsof('p512\nf23\nn127.0.0.1:4000\nf24\nn[::1]:4000\np600\nf5\nn*:3000\n')).toEqual([
      { address: '127.0.0.1', port: 4_000, pid: 512 },
      { address: '::1', port: 4_000, pid: 512 },
      { address: '::', port: 3_000, pid: 600 },
    ]);
  });

  it('reads ps: the start, the command, and a stopped process', async () => {
    const world: World = {
      ...machine,
      platform: 'darwin',
      run: async () => 'T    Sat Nov 21 10:00:00 2026 node server.js\n',
    };
    expect(await processOf(world, 9)).toMatchObject({
      command: 'node server.js',
      stopped: true,
      startedAt: Date.parse('2026-11-21 10:00:00'),
    });
  });
});
