// The way to WhatsApp through a proxy; a failure of the proxy itself is marked, so that it is not taken for WhatsApp's.
import { Agent } from 'node:https';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';

/** The proxy could not be reached or refused, before the connection to WhatsApp began. */
export class ProxyFailed extends Error {
  readonly proxy: string;
  constructor(proxy: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'ProxyFailed';
    this.proxy = proxy;
  }
}

class HttpAgent extends HttpsProxyAgent<string> {
  override async connect(...args: Parameters<HttpsProxyAgent<string>['connect']>) {
    // Another answer than 200 is replayed to the caller as if the server had given it: take it here.
    const [request] = args;
    const answered = new Promise<never>((_, reject) =>
      request.once('proxyConnect', (answer: { readonly statusCode?: number }) => {
        if (answer.statusCode !== 200) reject(new Error(`HTTP ${answer.statusCode}`));
      }),
    );
    try {
      return await Promise.race([super.connect(...args), answered]);
    } catch (error) {
      throw new ProxyFailed(shownProxy(this.proxy.href), error);
    }
  }
}

class SocksAgent extends SocksProxyAgent {
  override async connect(...args: Parameters<SocksProxyAgent['connect']>) {
    try {
      return await super.connect(...args);
    } catch (error) {
      throw new ProxyFailed(shownProxy(this.proxyUrl), error);
    }
  }
}

/** The agent for a proxy's URL; names are looked up beyond the proxy, since a network that needs one often lies about them. Throws ProxyFailed. */
export function proxyAgent(url: string): Agent {
  try {
    if (!/^(https?|socks5):/.test(url)) throw new Error('no proxy speaks that');
    return url.startsWith('socks') ? new SocksAgent(url.replace(/^socks5:/, 'socks5h:')) : new HttpAgent(url);
  } catch {
    // The library's own words would repeat the URL with its password.
    throw new ProxyFailed('', 'not a proxy URL');
  }
}

/** For an emulator with a certificate of its own; never for WhatsApp. */
export function acceptingAgent(): Agent {
  return new Agent({ rejectUnauthorized: false });
}

/** Where to dial, and through what. Only an emulator may show a certificate of its own. */
export function destination(
  { url: given, proxy }: { readonly url?: string; readonly proxy?: string },
  usual: string | URL,
): { readonly url: URL; readonly agent: Agent | undefined } {
  const url = new URL(given ?? usual);
  if (proxy !== undefined) return { url, agent: proxyAgent(proxy) };
  return { url, agent: given !== undefined && url.protocol === 'wss:' ? acceptingAgent() : undefined };
}

/** A proxy's URL without user and password. */
export function shownProxy(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href.replace(/^socks5h:/, 'socks5:').replace(/\/$/, '');
}
