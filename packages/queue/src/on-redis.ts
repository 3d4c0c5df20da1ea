import { createQueueClients, type RedisPlace } from '@sandpiper/redis'
import type { Logger } from '@sandpiper/telemetry'

import type { TicketPlace } from './ticket-place.ts'

/** Redis may forget or lose any of it: the catalog knows what waits, and gives new tickets. */
const PREFIX = 'sandpiper'
const WORKING = {
  /** Seconds after which an idle worker asks again. */
  drainDelay: 5,
  /** Milliseconds after which a ticket whose process died is brought again, and how often that is looked for. */
  lockDuration: 15_000,
  stalledInterval: 15_000,
  runRetryDelay: 1_000,
  /** Whoever takes one up looks at the catalog first, so it does no harm to bring it as often as processes die. */
  maxStalledCount: 1_000,
}

/** Tickets in Redis. */
export async function onRedis(options: {
  readonly place: RedisPlace
  readonly logger: Logger
}): Promise<TicketPlace> {
  const { Queue, Worker } = await import('bullmq')
  const { adding, taking } = await createQueueClients(options.place, options.logger)
  const common = { prefix: PREFIX, skipVersionCheck: true }
  return {
    openQueue: (name) => new Queue(name, { ...common, connection: adding }),
    openWorker: (name, concurrency, run) =>
      new Worker(name, run, { ...WORKING, ...common, concurrency, connection: taking }),
    end() {
      adding.disconnect()
      taking.disconnect()
    },
  }
}
