import { briefError, type Logger } from '@sandpiper/telemetry'
import type { Redis, RedisOptions } from 'ioredis'

/** Where Redis is. What is in here is never logged. */
export interface RedisPlace {
  /** `redis://user:password@host:port/0`; `rediss://` for TLS, whose certificate is always checked. */
  readonly url: string
  /** PEM of the authority that signed the server's certificate; default those that Node knows. */
  readonly ca?: string | null
}

const CONNECT_MS = 2_000
const RECONNECT_MS = 100
const RECONNECT_MS_MAX = 2_000

/** What all connections have in common: they come back by themselves, soon, for ever. */
export function clientSettings({ url, ca }: RedisPlace): RedisOptions {
  return {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    keepAlive: 10_000,
    connectionName: 'sandpiper',
    retryStrategy: (times) => Math.min(RECONNECT_MS_MAX, RECONNECT_MS * times),
    // After a failover the address may lead elsewhere: what we hold is the old one, which takes no writes.
    reconnectOnError: (err) => (err.message.startsWith('READONLY') ? 1 : false),
    ...(url.startsWith('rediss:') ? { tls: ca === undefined || ca === null ? {} : { ca } } : {}),
  }
}

/** Tells once when a connection breaks and once when it is back: it is tried again many times a minute. */
export function watchClient(client: Redis, logger: Logger, what: string): void {
  let isAway = false
  // Without a listener the driver prints errors, and their commands may hold the password.
  client.on('error', (err: unknown) => {
    if (isAway) return
    isAway = true
    logger.warn({ err: briefError(err) }, `Redis is away: ${what}`)
  })
  client.on('ready', () => {
    if (isAway) logger.info('Redis is back')
    isAway = false
  })
}
