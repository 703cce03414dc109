// Runs before every command: checks Node, then makes a fresh clone ready (install.mjs). It is written so that any old Node can read it, and installs nothing itself.
var version = process.versions.node.split('.').map(Number);

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  var zh =
    '✗ Node.js ' +
    process.versions.node +
    ' 版本过低，需要 20.19 或更高\n  → 安装新的 LTS 版本：https://nodejs.org/zh-cn/download';
  var en =
    '✗ Node.js ' +
    process.versions.node +
    ' is too old: 20.19 or newer is needed\n  → Install a current LTS: https://nodejs.org/en/download';
  var english = /^en/i.test(process.env.PULSELINE_LANG || '');
  console.error('\n' + (english ? en + '\n' + zh : zh + '\n' + en) + '\n');
  process.exit(1);
} else {
  import('./install.mjs').catch(function (error) {
    console.error(error);
    process.exit(1);
  });
}
