// Preloaded into every product that a test starts: names beyond this machine do not resolve, so that no test ever reaches WhatsApp, whatever network it runs in.
import dns from 'node:dns';

const here = /^(localhost|.*\.localhost|127\.[\d.]+|::1)$/;
const resolve = dns.lookup;

function refusal(host) {
  const error = new Error(`getaddrinfo ENOTFOUND ${host}`);
  return Object.assign(error, { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host });
}

dns.lookup = (host, options, callback) => {
  if (here.test(host)) return resolve(host, options, callback);
  const answer = typeof options === 'function' ? options : callback;
  process.nextTick(answer, refusal(host));
  return {};
};
