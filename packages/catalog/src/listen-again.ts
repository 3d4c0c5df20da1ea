// Notes of Postgres (LISTEN), heard until closed: the connection is made again whenever it breaks, and what was said meanwhile is lost.
import { briefError, type Logger } from '@sandpiper/telemetry'
import type pg from 'pg'

import { type Database, giveUp } from './database.ts'

/** Who is told. */
export interface Hearer {
  heard(channel: string, text: string): void
  /** After each connecting: notes may have been missed. */
  connected(): void
}

export interface Listening {
  close(): Promise<void>
}

const RECONNECT_MS = 1_000

/** Begins at once; resolves without waiting for the first connection. */
export function listenAgain(
  database: Pick<Database, 'connectAlone'>,
  logger: Logger,
  channels: readonly string[],
  hearer: Hearer,
): Listening {
  let isClosed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null

  async function connect(): Promise<void> {
    const fresh = await database.connectAlone()
    // Known from here on: whoever closes meanwhile ends it.
    client = fresh
    fresh.on('notification', ({ channel, payload }) => {
      hearer.heard(channel, payload ?? '')
    })
    fresh.on('error', (err) => {
      logger.warn({ err: briefError(err) }, 'a catalog connection that listens broke')
    })
    fresh.on('end', () => {
      // One that was given up may end when the next one listens already.
      if (client !== fresh) return
      client = null
      later()
    })
    try {
      for (const channel of channels) await fresh.query(`LISTEN ${channel}`)
    } catch (err) {
      client = null
      giveUp(fresh)
      throw err
    }
    // Closed while it was connecting: nobody else would end it.
    if (isClosed) return fresh.end()
    hearer.connected()
  }

  function later(): void {
    if (isClosed || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      attempt()
    }, RECONNECT_MS)
    timer.unref()
  }

  function attempt(): void {
    connect().catch((err: unknown) => {
      if (isClosed) return
      logger.warn({ err }, 'cannot listen to the catalog yet')
      later()
    })
  }

  attempt()
  return {
    async close() {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      await client?.end()
    },
  }
}
