// The only importer of BullMQ. Tickets live in Redis where there is one, else in a schema of their own in the catalog's Postgres. BullMQ is
// loaded by the first use: a server that runs no jobs pays nothing for it.
import type { PostgresConnection } from '@sandpiper/catalog'
import type { RedisPlace } from '@sandpiper/redis'
import type { Logger } from '@sandpiper/telemetry'

import { onPostgres } from './on-postgres.ts'
import { onRedis } from './on-redis.ts'
import type { Ticket, TicketHandlers, TicketQueue } from './ticket-queue.ts'
import type { BroughtTicket, TicketBook, TicketPlace, TicketWorker } from './ticket-place.ts'

/** Where tickets are kept and how many are worked on. */
export interface TicketQueueOptions {
  /** Connection of the catalog's Postgres; without `redis` its user must be allowed to create the schema `bullmq`. */
  readonly postgres: PostgresConnection
  /** Keeps the tickets here instead; it may lose them. */
  readonly redis?: { readonly place: RedisPlace; readonly logger: Logger }
  /** Tickets worked on at once in this process. */
  readonly concurrency: number
  /** Whether other processes have it open too; default: this one is alone, and what lies in it is of one that ended. */
  readonly isShared?: boolean
}

const QUEUE = 'sandpiper-jobs'
/** How long opening, and leaving what does not answer, may take. Milliseconds. */
const OPEN_MS = 10_000
const CLOSE_MS = 3_000

/**
 * Opens the queue and begins to bring tickets. The first time it makes its tables. Alone it empties the queue first, for what the process before
 * had in hand would stay locked for up to 90 s: so add a ticket for every job that waits. Shared, a ticket that a process died with is brought
 * again within 30 s from Redis and 90 s from Postgres.
 * @throws what the driver throws when the server does not answer; nothing stays open then.
 */
export async function openTicketQueue(
  options: TicketQueueOptions,
  handlers: TicketHandlers,
): Promise<TicketQueue> {
  const place =
    options.redis === undefined ? await onPostgres(options.postgres) : await onRedis(options.redis)
  const inHand = new Set<Promise<void>>()
  let queue: TicketBook | null = null
  let worker: TicketWorker | null = null
  try {
    queue = place.openQueue(QUEUE)
    // Without a listener an error would end the process.
    queue.on('error', handlers.failed)
    await within(OPEN_MS, queue.waitUntilReady())
    if (options.isShared !== true) await queue.obliterate({ force: true })
    worker = place.openWorker(QUEUE, options.concurrency, async (job) => {
      const run = handlers.run(ticketOf(job))
      inHand.add(run)
      await run.finally(() => inHand.delete(run))
    })
    worker.on('error', handlers.failed)
    worker.on('completed', (job) => {
      handlers.done(ticketOf(job))
    })
    worker.on('failed', (job) => {
      if (job !== undefined) handlers.done(ticketOf(job))
    })
    await within(OPEN_MS, worker.waitUntilReady())
    return ticketQueue({ place, queue, worker, inHand })
  } catch (err) {
    await end(place, [worker?.close(true) ?? DONE, queue?.close() ?? DONE])
    throw err
  }
}

function ticketQueue(open: {
  readonly place: TicketPlace
  readonly queue: TicketBook
  readonly worker: TicketWorker
  readonly inHand: ReadonlySet<Promise<void>>
}): TicketQueue {
  const { place, queue, worker, inHand } = open
  return {
    async add({ jobId, kind, attempt }, delayMs) {
      await queue.add('run', { jobId, kind, attempt } satisfies Ticket, {
        ...KEEP_NOTHING,
        jobId: `${jobId}.${attempt}`,
        ...(delayMs > 0 ? { delay: delayMs } : {}),
      })
    },
    async close() {
      const closing = worker.close()
      await Promise.allSettled(inHand)
      await end(place, [closing, queue.close()])
    },
  }
}

const DONE = Promise.resolve()

/** A server that is away does not keep anybody from ending: what it still holds is void once its process is gone. */
async function end(place: TicketPlace, closing: readonly Promise<void>[]): Promise<void> {
  await within(CLOSE_MS, Promise.allSettled(closing)).catch(() => undefined)
  place.end()
}

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the queue of jobs did not answer within ${ms} ms`))
    }, ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A ticket that was worked on is forgotten at once: what has come of it stands in the catalog. */
const KEEP_NOTHING = { removeOnComplete: true, removeOnFail: true } as const

function ticketOf(job: BroughtTicket): Ticket {
  return job.data as Ticket
}
