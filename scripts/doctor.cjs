// `npm run doctor`: looks whether Node and the packages can carry the doctor at all, says so in its words and form if not, and else hands over to it. Any old Node can read it; it installs nothing.
// oxlint-disable no-unused-vars -- an old Node knows no catch without a name.
var fs = require('fs');
var path = require('path');

var began = Date.now();
var root = path.dirname(__dirname);
var args = process.argv.slice(2);
var json = args.indexOf('--json') >= 0;
var lang = language();

function language() {
  var at = args.indexOf('--lang');
  var given = at >= 0 ? args[at + 1] : process.env.PULSELINE_LANG;
  return /^en/i.test(given || '') ? 'en' : 'zh';
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (_error) {
    return undefined;
  }
}

/** Node 20 from 20.19 on, 22 from 22.12 on, and whatever is newer. */
function carries(version) {
  var parts = version.split('.').map(Number);
  var least = { 20: 19, 21: Infinity, 22: 12 }[parts[0]] || 0;
  return parts[0] >= 20 && parts[1] >= least;
}

/** Names of packages of the lock file that are not there, or are there in another version. */
function missing() {
  var lock = readJson(path.join(root, 'package-lock.json'));
  if (lock === undefined || lock.packages === undefined) return [];
  var installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
  var known = (installed && installed.packages) || {};
  return Object.keys(lock.packages)
    .filter(function (place) {
      var wanted = lock.packages[place];
      if (place.indexOf('node_modules/') !== 0 || wanted.optional || wanted.peer || wanted.link) return false;
      if (known[place] && wanted.version && known[place].version !== wanted.version) return true;
      return !fs.existsSync(path.join(root, place, 'package.json'));
    })
    .map(function (place) {
      return place.replace(/^.*node_modules\//, '');
    });
}

function native() {
  var name = '@photostructure/sqlite';
  try {
    require(require.resolve(name, { paths: [root] }));
    return { module: name, ok: true };
  } catch (_error) {
    return { module: name, ok: false, error: String((error && error.message) || error).slice(0, 500) };
  }
}

/** The names of the rungs and of the ticks stand in the sources of the diagnosis; this file must not need them to be compiled. */
function pairs(file, form) {
  var text = '';
  try {
    text = fs.readFileSync(path.join(root, 'diagnosis', 'src', file), 'utf8');
  } catch (_error) {
    return [];
  }
  var found = [];
  text.replace(form, function (all, id, zh, en) {
    found.push({ id: id.replace(/'/g, ''), words: { zh: zh, en: en } });
    return all;
  });
  return found;
}

function fill(words, params) {
  function one(text) {
    return text.replace(/\{(\w+)\}/g, function (all, name) {
      return params[name] === undefined ? '' : String(params[name]);
    });
  }
  return { zh: one(words.zh), en: one(words.en) };
}

var texts = {
  'R00.node-version': {
    title: { zh: 'Node.js {version} 太旧或不受支持', en: 'Node.js {version} is not supported' },
    fix: {
      zh: '安装 Node.js 20.19 或更高（22.12 以上、24 亦可），然后重新运行 `npm start`。',
      en: 'Install Node.js 20.19 or newer (22.12 or later, and 24, are fine), then run `npm start` again.',
    },
    commands: ['node --version'],
  },
  'R00.not-installed': {
    title: {
      zh: '依赖没有装全：缺 {missing}（共 {count} 个）',
      en: 'Packages are missing: {missing} ({count} in all)',
    },
    fix: {
      zh: '在仓库根目录运行 `npm start`（它会安装），或 `npm ci`。',
      en: 'Run `npm start` in the repository’s root (it installs), or `npm ci`.',
    },
    commands: ['npm ci'],
  },
  'R00.native-module': {
    title: { zh: '本机模块 {module} 无法加载：{error}', en: 'The native module {module} cannot be loaded: {error}' },
    fix: {
      zh: '换过 Node 版本或系统后需重新安装：删除 node_modules，再运行 `npm ci`。',
      en: 'After a change of Node or system it must be installed anew: delete node_modules, then `npm ci`.',
    },
    commands: ['npm ci'],
  },
};

/** The whole report of a fault that keeps the doctor itself from running, as diagnosis/src/report.ts has it. */
function report(id, params, seen) {
  var own = texts[id];
  var title = fill(own.title, params);
  var fix = fill(own.fix, params);
  var docsUrl = 'docs/checks.md#' + id.toLowerCase().replace(/\./g, '');
  var cause = {
    checkId: id,
    rung: 'R00',
    outcome: 'fail',
    severity: 'critical',
    confidence: 'proven',
    impacts: ['connect', 'receive', 'send'],
    title: title,
    params: params,
    evidence: [{ key: seen.key, value: seen.value, class: 'public', source: 'runtime', at: began }],
    causes: [{ checkId: id, confidence: 'proven', title: title }],
    fix: {
      zh: { text: fix.zh, commands: own.commands, docsUrl: docsUrl },
      en: { text: fix.en, commands: own.commands, docsUrl: docsUrl },
    },
  };
  var rungs = pairs('rungs.ts', /^ {2}(R\d\d): \{ name: \{ zh: '([^']*)', en: '([^']*)'/gm).map(function (rung) {
    if (rung.id === 'R00') return { rung: rung.id, name: rung.words, outcome: 'fail', ms: Date.now() - began };
    return { rung: rung.id, name: rung.words, outcome: 'skip', blockedBy: id };
  });
  var tickForm = /^ {2}'?([a-z-]+)'?: \{\s*zh: '([^']*)',\s*en: '([^']*)',?\s*\}/gm;
  var ticks = pairs('words/all.ts', tickForm)
    .filter(function (tick) {
      return ['server', 'web', 'connected', 'test-ws', 'ready', 'shown'].indexOf(tick.id) >= 0;
    })
    .map(function (tick) {
      return {
        id: tick.id,
        text: fill(tick.words, { port: process.env.PORT || 4000, webPort: process.env.WEB_PORT || 3000 }),
        outcome: 'unknown',
      };
    });
  return {
    schema: 1,
    product: 'pulseline',
    version: (readJson(path.join(root, 'package.json')) || {}).version || '?',
    runId: began.toString(16).slice(-8),
    at: began,
    ms: Date.now() - began,
    lang: lang,
    platform: process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux',
    shell: process.platform === 'win32' ? 'cmd' : 'sh',
    vantage: 'cli',
    verdict: 'fault',
    cause: cause,
    rungs: rungs,
    findings: [cause],
    ticks: ticks,
    summary: { zh: '断在 R00：' + title.zh, en: 'Broken at R00: ' + title.en },
  };
}

/** The same layout as doctor/src/render.ts, in plain signs where the console may not have others. */
function print(told) {
  if (json) {
    console.log(JSON.stringify(told, null, 2));
    return;
  }
  var zh = lang === 'zh';
  var ascii = args.indexOf('--ascii') >= 0 || process.platform === 'win32';
  var fix = told.cause.fix[lang];
  var lines = ['Pulseline doctor ' + told.version + ' - Node ' + process.versions.node + ' - ' + told.platform, ''];
  told.rungs.forEach(function (rung) {
    var sign = rung.outcome === 'fail' ? (ascii ? '[FAIL]' : '✗') : ascii ? '[skip]' : '–';
    var note = rung.blockedBy === undefined ? '' : (zh ? '  等待 ' : '  waits for ') + rung.blockedBy;
    lines.push(sign + ' ' + rung.rung + ' ' + rung.name[lang] + note);
  });
  lines.push('', (ascii ? '[FAIL] ' : '✗ ') + (zh ? '原因 ' : 'Cause ') + told.cause.checkId);
  lines.push('  ' + told.cause.title[lang], '  ' + (zh ? '怎么办' : 'Fix'), '  ' + (ascii ? '-> ' : '→ ') + fix.text);
  fix.commands.forEach(function (command) {
    lines.push('      ' + command);
  });
  lines.push('', zh ? '指南的六项：' : "The guide's six:");
  told.ticks.forEach(function (tick, index) {
    lines.push((ascii ? '[ ] ' : '☐ ') + (index + 1) + '. ' + tick.text[lang]);
  });
  lines.push('', (ascii ? '[FAIL] ' : '✗ ') + (zh ? '结论：' : 'Summary: ') + told.summary[lang], '');
  console.log(lines.join('\n'));
}

function stop(id, params, key, value) {
  print(report(id, params, { key: key, value: value }));
  process.exit(1);
}

var node = process.versions.node;
var gone = carries(node) ? missing() : [];
if (!carries(node)) {
  stop('R00.node-version', { version: node }, 'runtime.node', { version: node });
} else if (gone.length > 0) {
  var named = gone.slice(0, 20);
  stop('R00.not-installed', { missing: gone.slice(0, 5).join(', '), count: gone.length }, 'runtime.install', {
    missing: named,
  });
} else {
  var facts = { node: node, missing: gone, native: native() };
  import('./doctor.mjs')
    .then(function (doctor) {
      return doctor.run(root, args, facts);
    })
    .then(
      function (code) {
        process.exitCode = code;
      },
      function (error) {
        // The compiler of the sources is native too: packages of another system cannot run it.
        var text = String((error && error.stack) || error);
        if (/esbuild|ERR_MODULE_NOT_FOUND|ERR_DLOPEN/.test(text)) {
          stop('R00.native-module', { module: 'esbuild', error: text.split('\n')[0].slice(0, 300) }, 'runtime.native', {
            module: 'esbuild',
            ok: false,
            error: text.slice(0, 1000),
          });
        }
        console.error(text);
        process.exit(3);
      },
    );
}
