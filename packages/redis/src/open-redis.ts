// The one connection for questions that have an answer without Redis too. Nobody waits for it longer than a bound, nothing queues up
// while it is away, and after a silence it is left alone for a moment: what it costs is known before it is asked.
import type { Logger } from '@sandpiper/telemetry'

import { clientSettings, watchClient, type RedisPlace } from './client-settings.ts'

/** What became of questions since the start. */
export interface RedisCounters {
  answered: number
  /** Asked without an answer: an error, or it took too long. */
  failed: number
  /** Not asked, for Redis is away or was silent just now. */
  skipped: number
}

/** A script that Redis runs as one step. */
export interface RedisScript {
  /** Letters; names it in this process. */
  readonly name: string
  readonly lua: string
  readonly keys: number
}

/** Redis, as far as it is there. */
export interface RedisLink {
  /**
   * Runs a script. Resolves with its answer, or with null when there is none within 100 ms: whoever asks has a side of its own to fall on. Never
   * rejects, and does not wait at all while Redis is known to be away.
   */
  run(
    script: RedisScript,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown>
  /** Whether it would be asked now. */
  isThere(): boolean
  readonly counters: Readonly<RedisCounters>
  close(): Promise<void>
}

const ANSWER_MS = 100
/** How long it is left alone after a silence: else each request would wait for its 100 ms. */
const REST_MS = 1_000
/** Questions under way; what comes above is not asked. */
const WAITING_MAX = 10_000
const FIRST_CONNECT_MS = 2_000

/**
 * Connects, and goes on trying for ever when Redis is away: that is no failure of the start.
 * @param options.monotonicMs milliseconds that never go back.
 */
export async function openRedis(options: {
  readonly place: RedisPlace
  readonly logger: Logger
  readonly monotonicMs: () => number
}): Promise<RedisLink> {
  // Loaded here: a server without Redis pays nothing for it.
  const { Redis } = await import('ioredis')
  const client = new Redis(options.place.url, {
    ...clientSettings(options.place),
    // A count that is sent late counts another second.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS,
  })
  watchClient(client, options.logger, 'limits are counted per process until it is back')
  await firstConnect(client)
  const counters: RedisCounters = { answered: 0, failed: 0, skipped: 0 }
  const defined = new Map<string, RunScript>()
  let restUntilMs = Number.NEGATIVE_INFINITY
  let waiting = 0

  const isThere = (): boolean =>
    client.status === 'ready' && options.monotonicMs() >= restUntilMs && waiting < WAITING_MAX

  function commandOf(script: RedisScript): RunScript {
    const known = defined.get(script.name)
    if (known !== undefined) return known
    client.defineCommand(script.name, { lua: script.lua, numberOfKeys: script.keys })
    const command = (client as unknown as Record<string, RunScript>)[script.name]
    if (command === undefined) throw new Error(`${script.name} was not defined`)
    const bound: RunScript = (...args) => command.apply(client, [...args])
    defined.set(script.name, bound)
    return bound
  }

  return {
    counters,
    isThere,
    async run(script, keys, values) {
      if (!isThere()) {
        counters.skipped += 1
        return null
      }
      waiting += 1
      try {
        const answer = await commandOf(script)(...keys, ...values)
        counters.answered += 1
        return answer
      } catch {
        // What it was is told by the connection's own errors; silence is told by the counter.
        counters.failed += 1
        restUntilMs = options.monotonicMs() + REST_MS
        return null
      } finally {
        waiting -= 1
      }
    },
    close() {
      client.disconnect()
      return Promise.resolve()
    },
  }
}

type RunScript = (...args: (string | number)[]) => Promise<unknown>

/** Waits a moment for the connection, so that the first requests find it. */
async function firstConnect(client: {
  readonly status: string
  connect(): Promise<void>
}): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FIRST_CONNECT_MS)
  })
  // It goes on by itself.
  const connected = client.connect().catch(() => undefined)
  await Promise.race([connected, enough])
  clearTimeout(timer)
}
