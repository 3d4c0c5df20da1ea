// Tells this process what other processes changed in the catalog (Postgres LISTEN). A help for freshness, not its ground:
// caches also bound the age of what they keep, for a notice may be lost while the connection is away.
import { briefError, type Logger } from '@sandpiper/telemetry'
import type pg from 'pg'

import type { Database, Queryable } from './database.ts'

/** What changed: some token, some variable, which deployment of a workspace is live, or anything. */
export type Change =
  | { readonly kind: 'tokens' }
  | { readonly kind: 'variables' }
  | { readonly kind: 'live'; readonly workspaceId: string }
  | { readonly kind: 'all' }

export interface ChangeFeed {
  close(): Promise<void>
}

const CHANNEL = 'sandpiper_catalog'
const RECONNECT_MS = 1_000

/** Tells every process, this one included, when the surrounding transaction commits. */
export async function announceChange(tx: Queryable, change: Change): Promise<void> {
  await tx.rows('SELECT pg_notify($1, $2)', [CHANNEL, JSON.stringify(change)])
}

/**
 * Listens until closed, and connects again (once a second) whenever the connection breaks.
 * `all` is also told after each connecting, for notices may have been missed.
 */
export async function listenForChanges(
  database: Database,
  logger: Logger,
  onChange: (change: Change) => void,
): Promise<ChangeFeed> {
  let closed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null

  async function connect(): Promise<void> {
    const fresh = await database.connectAlone()
    fresh.on('notification', (notice) => {
      onChange(parseChange(notice.payload))
    })
    fresh.on('error', (err) => {
      logger.warn({ err: briefError(err) }, 'the catalog connection that listens for changes broke')
    })
    fresh.on('end', () => {
      client = null
      reconnectLater()
    })
    await fresh.query(`LISTEN ${CHANNEL}`)
    // Closed while it was connecting: nobody else would end it.
    if (closed) return fresh.end()
    client = fresh
    onChange({ kind: 'all' })
  }

  function reconnectLater(): void {
    if (closed || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      connect().catch((err: unknown) => {
        logger.warn({ err }, 'cannot listen for catalog changes yet')
        reconnectLater()
      })
    }, RECONNECT_MS)
    timer.unref()
  }

  await connect()
  return {
    async close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      await client?.end()
    },
  }
}

function parseChange(payload: string | undefined): Change {
  try {
    const parsed = JSON.parse(payload ?? '') as Partial<Record<string, unknown>>
    if (parsed['kind'] === 'tokens') return { kind: 'tokens' }
    if (parsed['kind'] === 'variables') return { kind: 'variables' }
    const workspaceId = parsed['workspaceId']
    if (parsed['kind'] === 'live' && typeof workspaceId === 'string')
      return { kind: 'live', workspaceId }
    return { kind: 'all' }
  } catch {
    // From a newer version: forget everything rather than too little.
    return { kind: 'all' }
  }
}
