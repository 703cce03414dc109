// Every setting: its default, what it takes, and how it refuses.
import { join } from 'node:path';
import { bundleSettings } from '@pulseline/diagnosis';
import { CodedError } from '@pulseline/protocol';
import { describe, expect, it } from 'vitest';
import { readConfig, repositoryRoot, settings, settingsTable } from './config.ts';

function refusal(env: Record<string, string>): CodedError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      port: 4000,
      webPort: 3000,
      hosts: ['127.0.0.1', '::1'],
      dataDir: join(repositoryRoot, 'data'),
      allowedOrigins: undefined,
      emulatorUrl: undefined,
      emulatorRoot: undefined,
      proxy: undefined,
      pace: undefined,
      previews: true,
      mediaAuto: 64 * 2 ** 20,
      mediaMax: 512 * 2 ** 20,
      mediaBudget: undefined,
      keyFile: undefined,
      key: undefined,
      oldKey: undefined,
      keyLost: false,
      logLevel: 'info',
      language: 'zh',
    });
  });
  it('leaves no setting out of the bundle for support', () => {
    const names = Object.values(settings).map(({ name }) => String(name));
    expect([...bundleSettings].sort()).toEqual([...names, 'NEXT_PUBLIC_API_BASE_URL'].sort());
  });
  it('is frozen', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });
  it('reads each setting', () => {
    const root = 'ab'.repeat(32);
    expect(
      readConfig({
        PORT: ' 4100 ',
        WEB_PORT: '0',
        HOST: '::1',
        DATA_DIR: 'elsewhere',
        ALLOWED_ORIGINS: 'http://localhost:3100, https://desk.example',
        EMULATOR_URL: 'ws://127.0.0.1:9000/ws/chat',
        EMULATOR_ROOT: root.toUpperCase(),
        WA_PROXY: 'socks5://u:p@127.0.0.1:1080',
        SEND_PACE: '5/250',
        LINK_PREVIEWS: 'off',
        MEDIA_AUTO_MB: '0',
        MEDIA_MAX_MB: '16',
        MEDIA_BUDGET_GB: '2',
        PULSELINE_KEY_FILE: 'keys/desk',
        PULSELINE_KEY: 'cd'.repeat(32),
        PULSELINE_OLD_KEY: 'keys/old',
        PULSELINE_KEY_LOST: 'yes',
        LOG_LEVEL: 'debug',
        PULSELINE_LANG: 'en-US',
      }),
    ).toEqual({
      port: 4100,
      webPort: 0,
      hosts: ['::1'],
      dataDir: join(repositoryRoot, 'elsewhere'),
      allowedOrigins: ['http://localhost:3100', 'https://desk.example'],
      emulatorUrl: 'ws://127.0.0.1:9000/ws/chat',
      emulatorRoot: root,
      proxy: 'socks5://u:p@127.0.0.1:1080',
      pace: { burst: 5, every: 250 },
      previews: false,
      mediaAuto: 0,
      mediaMax: 16 * 2 ** 20,
      mediaBudget: 2 * 2 ** 30,
      keyFile: join(repositoryRoot, 'keys/desk'),
      key: 'cd'.repeat(32),
      oldKey: join(repositoryRoot, 'keys/old'),
      keyLost: true,
      logLevel: 'debug',
      language: 'en',
    });
  });
  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '4000x'],
    ['WEB_PORT', '3e3'],
    ['WEB_PORT', '4000'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'null'],
    ['ALLOWED_ORIGINS', 'http://localhost:3000/'],
    ['ALLOWED_ORIGINS', 'localhost:3000'],
    ['EMULATOR_URL', 'http://localhost:9000'],
    ['EMULATOR_ROOT', 'abc'],
    ['WA_PROXY', 'localhost:1080'],
    ['WA_PROXY', 'ftp://localhost'],
    ['SEND_PACE', '0/100'],
    ['SEND_PACE', 'slow'],
    ['LINK_PREVIEWS', 'maybe'],
    ['PULSELINE_KEY', 'short'],
    ['PULSELINE_KEY_LOST', 'no'],
    ['LOG_LEVEL', 'loud'],
    ['PULSELINE_LANG', 'fr'],
  ])('refuses %s=%s and names it', (name, value) => {
    const { code, params } = refusal({ [name]: value });
    expect(code).toBe('SETTING_INVALID');
    expect(params['name']).toBe(name);
  });
  it.each(['0.0.0.0', '::', '192.168.1.2', 'pc.lan', '127.0.0.2'])('refuses to listen on %s', (host) => {
    expect(refusal({ HOST: host })).toMatchObject({ code: 'HOST_NOT_LOOPBACK', params: { host } });
  });
  it('does not repeat a password', () => {
    expect(refusal({ WA_PROXY: 'ftp://user:secret@host' }).params['value']).toBe('ftp://***@host');
  });
  it('repeats no key that was written down wrongly', () => {
    expect(refusal({ PULSELINE_KEY: 'ab'.repeat(31) }).params['value']).toBe('***');
  });
});

describe('settingsTable', () => {
  it.each(['zh', 'en'] as const)('lists every setting in %s', (language) => {
    const table = settingsTable(language);
    for (const { name } of Object.values(settings)) expect(table).toContain(`\`${name}\``);
  });
});
