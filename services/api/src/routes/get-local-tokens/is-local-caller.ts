// Who may read the server's own tokens without one: only a program on this machine. A web page the developer visits must not,
// neither directly, nor over DNS rebinding, nor through a proxy that makes strangers look local.

import type { ApiEnv } from '../../app.ts'

/** What is known of a caller. */
export interface Caller {
  /** What the server is bound to. */
  readonly boundTo: string
  /** Address of the other end of the connection; undefined when unknown. */
  readonly peer: string | undefined
  /** Of the request line, such as `1.1`. */
  readonly httpVersion: string | undefined
  readonly header: (name: string) => string | undefined
}

/** Headers that only proxies add: behind one the peer says nothing about the caller. */
const PROXY_HEADERS = [
  ...['Forwarded', 'Via', 'X-Real-IP', 'X-Client-IP', 'True-Client-IP', 'CF-Connecting-IP'],
  ...['For', 'Host', 'Proto', 'Port', 'Server'].map((name) => `X-Forwarded-${name}`),
]

/** What Node tells of a caller; nothing in requests that came over no connection. */
export function connectionOf(
  incoming: ApiEnv['Bindings']['incoming'],
): Pick<Caller, 'peer' | 'httpVersion'> {
  return { peer: incoming?.socket.remoteAddress, httpVersion: incoming?.httpVersion }
}

/** True only when bound address, peer and Host header are all loopback and nothing speaks of another's page or a proxy. */
export function isLocalCaller(caller: Caller): boolean {
  const { boundTo, peer, httpVersion, header } = caller
  if (!isLoopbackName(boundTo) || peer === undefined || !isLoopbackAddress(peer)) return false
  if (!isLoopbackName(hostOf(header('Host') ?? ''))) return false
  // nginx as it is installed adds no header, names us as the Host, and speaks 1.0; no client of today does.
  if (httpVersion !== '1.1') return false
  // Also `Origin: null`, of sandboxed frames and files.
  if (header('Origin') !== undefined) return false
  if (!isWishOfOurs(header)) return false
  return PROXY_HEADERS.every((name) => header(name) === undefined)
}

/**
 * A page's <script> or <img> sends no Origin, but browsers say whose wish it was. Only the console has our own origin (another port of
 * this machine is another origin), and it asks by fetch(): a link or a frame of it would show what it answers.
 */
function isWishOfOurs(header: Caller['header']): boolean {
  const site = header('Sec-Fetch-Site')
  if (site === 'same-origin') return header('Sec-Fetch-Dest') === 'empty'
  return site === 'none' || site === undefined
}

function isLoopbackName(name: string): boolean {
  return name.toLowerCase() === 'localhost' || isLoopbackAddress(name)
}

function isLoopbackAddress(address: string): boolean {
  const bare = address.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (bare === '::1') return true
  const ipv4 = bare.startsWith('::ffff:') ? bare.slice('::ffff:'.length) : bare
  const parts = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ipv4)
  return parts !== null && parts.slice(1).every((part) => Number(part) <= 255)
}

/** The host of a Host header: without port, brackets kept. Empty for anything that is not host[:port]. */
function hostOf(header: string): string {
  return /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(header)?.[1] ?? ''
}
