// Where the API is, seen from a page; it never asks the network.

export interface ApiBaseHints {
  /** `data-api-base` on the html tag, written by the web server from web/.env.local. */
  readonly configured: string | undefined;
  /** `NEXT_PUBLIC_API_BASE_URL`, in development alone. */
  readonly development: string | undefined;
  /** `data-api-port` on the html tag; in development `NEXT_PUBLIC_API_PORT`. */
  readonly port: string | undefined;
  readonly location: { readonly protocol: string; readonly hostname: string };
}

const DEFAULT_PORT = '4000';

/** The API's origin, without a slash at the end: the first of the hints that is a web address, else the page's own host. */
export function chooseApiBase({ configured, development, port, location }: ApiBaseHints): string {
  const given = webOrigin(configured) ?? webOrigin(development);
  if (given === undefined) {
    // A content policy cannot name an IPv6 address; the server listens on both loopback addresses.
    const host = location.hostname === '[::1]' ? 'localhost' : location.hostname;
    return `${location.protocol}//${host}:${/^\d{1,5}$/.test(port ?? '') ? port : DEFAULT_PORT}`;
  }
  // A loopback address means this machine only to itself: a page opened by another name keeps the port and asks its own host.
  // Also from 127.0.0.1 to localhost: to a browser these are two sites, and the server takes no writes across sites.
  if (isLoopback(given.hostname) && location.hostname !== '[::1]') given.hostname = location.hostname;
  return given.origin;
}

/** The address of the live socket. */
export function socketUrl(apiBase: string): string {
  return `${apiBase.replace(/^http/, 'ws')}/ws`;
}

function webOrigin(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || hostname.startsWith('127.')
  );
}

let known: string | undefined;

/** The API's origin for this page; it does not change while the page lives. */
export function apiBase(): string {
  known ??= chooseApiBase({
    configured: document.documentElement.dataset.apiBase,
    development: process.env.NODE_ENV === 'development' ? process.env.NEXT_PUBLIC_API_BASE_URL : undefined,
    port:
      process.env.NODE_ENV === 'development'
        ? process.env.NEXT_PUBLIC_API_PORT
        : document.documentElement.dataset.apiPort,
    location: window.location,
  });
  return known;
}
