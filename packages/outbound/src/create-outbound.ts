// Requests to addresses that a caller chose. The name is resolved once, every address is judged, and the connection goes to what was
// judged: whoever answers the second time with another address reaches nothing. Each redirect is a request of its own.
import { lookup } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Fault, fault } from '@sandpiper/faults'

import { boundedBody, tooLarge } from './bounded-body.ts'
import { isListedHost, isPublicAddress, type PrivateHosts } from './check-address.ts'
import { within } from './within.ts'
import { redactedUrl, remoteUrl } from './remote-url.ts'

/** One address of a host. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** How requests are made. */
export interface OutboundOptions {
  /** Hosts that may have private addresses; default none. Names, addresses or networks. */
  readonly privateHosts?: PrivateHosts
  /** All addresses of a name; default the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly ResolvedAddress[]>
  /** Milliseconds for the name and the connection; default 10_000. */
  readonly connectMs?: number
  /** Milliseconds from the connection to the head of the reply; default 30_000. */
  readonly firstByteMs?: number
  /** Milliseconds between two pieces of the body while somebody waits for one; default 30_000. */
  readonly idleMs?: number
  /** Redirects followed; default 5. */
  readonly redirectsMax?: number
  /** Told how each request ended; several may share one. Default: nobody. */
  readonly counters?: OutboundCounters
}

/** Requests to the outside since the start, by how they ended; redirects belong to the request that began them. */
export interface OutboundCounters {
  /** A reply came, whatever its status. */
  answered: number
  /** By us: a URL, address, redirect or size that is not allowed. */
  refused: number
  /** The host did not answer as it should or in time. */
  failed: number
  /** Whoever asked gave up. */
  aborted: number
}

/** All zero. */
export function createOutboundCounters(): OutboundCounters {
  return { answered: 0, refused: 0, failed: 0, aborted: 0 }
}

/** What one request may take. */
export interface RemoteRequest {
  /** Bytes of the body as sent; more is fault `request.too_large`. */
  readonly bytesMax: number
  /** Ends the request and the body. */
  readonly signal: AbortSignal
  /** Milliseconds for everything, body included; default one hour. */
  readonly totalMs?: number
  /** Sent to the first host only, not to where it redirects. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD'
}

/** A reply; whoever gets it reads `body` to its end or calls close(). */
export interface RemoteReply {
  /** Any but redirects; 404 is a reply too. */
  readonly status: number
  /** Names in lower case; those that came twice are joined. */
  readonly headers: Readonly<Record<string, string>>
  /** Where it came from in the end, as it may be shown. */
  readonly shownUrl: string
  /** As announced, null when it was not. */
  readonly bytesExpected: number | null
  /** As sent: still in its content-encoding. Throws faults `request.too_large` | `remote.unavailable`. */
  readonly body: AsyncIterable<Uint8Array>
  close(): void
}

/** The way to the outside. */
export interface Outbound {
  /**
   * Fetches from a URL that a caller chose. Cookies and proxies are not used, nothing is kept between requests.
   * @throws fault `request.invalid` for a URL, host, address or redirect that is not allowed | `request.too_large` for an announced
   * length over the bound | `remote.unavailable` (502) when the host does not answer as it should or in time; the signal's reason when it fired.
   */
  openRemote(url: string, request: RemoteRequest): Promise<RemoteReply>
}

/** Bytes of all headers of a reply. */
const HEADER_BYTES_MAX = 16_384
const TOTAL_MS = 3_600_000

/** Makes the way to the outside. */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const { counters = createOutboundCounters() } = options
  return {
    async openRemote(text, request) {
      try {
        const reply = await open(options, text, request)
        counters.answered += 1
        return reply
      } catch (err) {
        counters[endOf(err)] += 1
        throw err
      }
    },
  }
}

function endOf(err: unknown): keyof OutboundCounters {
  if (!(err instanceof Fault)) return 'aborted'
  return err.code === 'remote.unavailable' ? 'failed' : 'refused'
}

async function open(
  options: OutboundOptions,
  text: string,
  request: RemoteRequest,
): Promise<RemoteReply> {
  const timeout = AbortSignal.timeout(request.totalMs ?? TOTAL_MS)
  const signal = AbortSignal.any([request.signal, timeout])
  let url = remoteUrl(text)
  let headers = request.headers ?? {}
  for (let hops = 0; ; hops++) {
    const reply = await send(options, url, { ...request, headers, signal })
    const next = redirectOf(reply, url)
    if (next === null) return toReply(options, url, reply, { ...request, signal })
    reply.destroy()
    if (hops === (options.redirectsMax ?? 5))
      throw fault('request.invalid', { public: 'The URL redirects too often.' })
    if (next.origin !== url.origin) headers = {}
    url = next
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

function redirectOf(reply: IncomingMessage, url: URL): URL | null {
  if (!REDIRECTS.has(reply.statusCode ?? 0) || reply.headers.location === undefined) return null
  const next = remoteUrl(reply.headers.location, url)
  if (url.protocol === 'https:' && next.protocol === 'http:')
    throw fault('request.invalid', { public: 'The URL redirects from https to http.' })
  // A password in a redirect would be the redirecting host's choice of whom we log in to.
  next.username = ''
  next.password = ''
  return next
}

async function send(
  options: OutboundOptions,
  url: URL,
  { headers, method = 'GET', signal }: RemoteRequest,
): Promise<IncomingMessage> {
  signal.throwIfAborted()
  const connectMs = options.connectMs ?? 10_000
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = await within(connectMs, signal, judgedAddresses(options, host)).catch(
    (err: unknown) => {
      throw toFault(err, url, signal)
    },
  )
  const request: RequestOptions = {
    method,
    headers: {
      'user-agent': 'Sandpiper',
      accept: '*/*',
      // The body is counted as sent; whoever asked unpacks files that are packed themselves.
      'accept-encoding': 'identity',
      ...authorization(url),
      ...headers,
    },
    lookup: pinned(addresses),
    // No pool: a kept connection would belong to an older resolution.
    agent: false,
    maxHeaderSize: HEADER_BYTES_MAX,
    signal,
  }
  try {
    return await replyTo(options, url, request, connectMs)
  } catch (err) {
    throw toFault(err, url, signal)
  }
}

/** @throws fault `request.invalid` unless every address of the host may be reached: one private address among public ones is an attack. */
async function judgedAddresses(
  { resolve = systemResolve, privateHosts = [] }: OutboundOptions,
  host: string,
): Promise<readonly ResolvedAddress[]> {
  const family = isIP(host)
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }]
  if (addresses.length === 0) throw new Error('the name has no address')
  for (const { address } of addresses) {
    if (isPublicAddress(address) || isListedHost(privateHosts, host, address)) continue
    throw fault('request.invalid', {
      public: `The host '${host.slice(0, 255)}' has an address in a private or reserved network. The operator can allow it.`,
      internal: address,
    })
  }
  return addresses
}

async function systemResolve(host: string): Promise<readonly ResolvedAddress[]> {
  return lookup(host, { all: true, verbatim: true })
}

/** Answers with what was judged, whatever name is asked for. */
function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses
    if (options.all === true || first === undefined) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
}

function authorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {}
  const pair = `${decoded(url.username)}:${decoded(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** A percent sign that escapes nothing stands for itself, as it does to the parser of URLs. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function replyTo(
  options: OutboundOptions,
  url: URL,
  request: RequestOptions,
  connectMs: number,
): Promise<IncomingMessage> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = send(
      // Not the URL object: its user and password are ours to send, and its host is to be what was judged.
      {
        ...request,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: url.pathname + url.search,
      },
    )
    const late = (what: string) => () => {
      sent.destroy(new Error(`${what} took too long`))
    }
    let timer = setTimeout(late('the connection'), connectMs)
    sent.on('socket', (socket) => {
      const connected = url.protocol === 'https:' ? 'secureConnect' : 'connect'
      socket.once(connected, () => {
        clearTimeout(timer)
        timer = setTimeout(late('the reply'), options.firstByteMs ?? 30_000)
      })
    })
    sent.once('response', (reply) => {
      clearTimeout(timer)
      resolve(reply)
    })
    // Stays for the life of the request: an error after the head is the body's, which throws it by itself.
    sent.on('error', (err) => {
      clearTimeout(timer)
      reject(err)
    })
    sent.end()
  })
}

function toReply(
  options: OutboundOptions,
  url: URL,
  reply: IncomingMessage,
  { bytesMax, signal }: RemoteRequest,
): RemoteReply {
  const headers = Object.fromEntries(
    Object.entries(reply.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  )
  const length = headers['content-length']
  const bytesExpected = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null
  const body = boundedBody(reply, {
    bytesMax,
    idleMs: options.idleMs ?? 30_000,
    signal,
    toFault: (err) => toFault(err, url, signal),
  })
  if (bytesExpected !== null && bytesExpected > bytesMax) {
    reply.destroy()
    throw tooLarge(bytesMax)
  }
  return {
    status: reply.statusCode ?? 0,
    ...{ headers, bytesExpected, body },
    shownUrl: redactedUrl(url),
    close: () => reply.destroy(),
  }
}

function toFault(err: unknown, url: URL, signal: AbortSignal): unknown {
  if (err instanceof Fault) return err
  if (signal.aborted && !isTimeout(signal.reason)) return signal.reason
  return fault('remote.unavailable', {
    public: `${redactedUrl(url)} could not be fetched: ${reasonOf(err, signal)}.`,
    cause: err,
  })
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

/** Only texts of ours and error codes: what the other side wrote is not repeated. */
function reasonOf(err: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it took too long'
  if (!(err instanceof Error)) return 'the connection failed'
  const code = 'code' in err && typeof err.code === 'string' ? err.code : null
  if (code !== null) return REASONS[code] ?? `the connection failed (${code.slice(0, 60)})`
  return /took too long|has no address|ended early/.test(err.message)
    ? err.message
    : 'the connection failed'
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name could not be resolved',
  ECONNREFUSED: 'the host refuses the connection',
  ECONNRESET: 'the connection was cut',
  HPE_HEADER_OVERFLOW: 'the headers of the reply are too long',
}
