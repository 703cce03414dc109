// Runs before every command: checks Node, then makes a fresh clone ready (install.mjs). It is written so that any old Node can read it, and installs nothing itself.
var version = process.versions.node.split('.').map(Number);
// Packages of ours are ES modules that others require(): Node can do that from these versions on.
var least = { 20: 19, 21: Infinity, 22: 12 }[version[0]] || 0;

if (version[0] < 20 || version[1] < least) {
  var zh =
    '✗ Node.js ' +
    process.versions.node +
    ' 无法使用，需要 20.19、22.12 或更高版本\n  → 安装新的 LTS 版本：https://nodejs.org/zh-cn/download';
  var en =
    '✗ Node.js ' +
    process.versions.node +
    ' does not serve: 20.19, 22.12 or newer is needed\n  → Install a current LTS: https://nodejs.org/en/download';
  var english = /^en/i.test(process.env.PULSELINE_LANG || '');
  console.error('\n' + (english ? en + '\n' + zh : zh + '\n' + en) + '\n');
  process.exit(1);
} else {
  import('./install.mjs').catch(function (error) {
    console.error(error);
    process.exit(1);
  });
}
