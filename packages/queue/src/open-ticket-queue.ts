// The only importer of BullMQ. Tickets live in a schema of their own in the catalog's Postgres; a Redis takes their place by handing
// BullMQ another backend here. BullMQ is loaded by the first use: a server that runs no jobs pays nothing for them.
import type { PostgresConnection } from '@sandpiper/catalog'

import type { Ticket, TicketHandlers, TicketQueue } from './ticket-queue.ts'

/** Where tickets are kept and how many are worked on. */
export interface TicketQueueOptions {
  /** Connection of the catalog's Postgres; the user must be allowed to create the schema `bullmq`. */
  readonly postgres: PostgresConnection
  /** Tickets worked on at once in this process. */
  readonly concurrency: number
}

const QUEUE = 'sandpiper-jobs'
const SCHEMA = 'bullmq'
/** Connections: one that listens, and at most so many more for adding and for taking; idle ones close after 10 s. */
const CONNECTIONS_MAX = 2
/** Seconds after which an idle worker looks by itself. New tickets are told at once; this is for a notification that got lost. */
const LOOK_AGAIN_SECONDS = 60
/** Milliseconds after which a ticket that this process lost hold of is brought again, and how often that is looked for. */
const LOCK_MS = 30_000
const LOOK_FOR_DEAD_MS = 60_000

/**
 * Opens the queue, empties it and begins to bring tickets. The first time it makes its tables. Only one process at a time may have it
 * open: whatever lies in it is of one that ended, and what that one had in hand would stay locked for up to 90 s. So add a ticket for
 * every job that waits.
 * @throws what the driver throws when Postgres does not answer; nothing stays open then.
 */
export async function openTicketQueue(
  options: TicketQueueOptions,
  handlers: TicketHandlers,
): Promise<TicketQueue> {
  const { Queue, Worker, createPostgresBackend } = await import('bullmq')
  const place =
    typeof options.postgres === 'string' ? { connectionString: options.postgres } : options.postgres
  const connection = {
    ...place,
    schema: SCHEMA,
    migrate: true,
    max: CONNECTIONS_MAX,
    application_name: 'sandpiper jobs',
    connectionTimeoutMillis: 5_000,
  }
  const queue = new Queue(QUEUE, { connection }, createPostgresBackend)
  // Without a listener an error would end the process.
  queue.on('error', handlers.failed)
  let worker: { close(force: boolean): Promise<void> } | null = null
  try {
    await queue.waitUntilReady()
    await queue.obliterate({ force: true })
    const working = new Worker(
      QUEUE,
      async (job) => {
        await handlers.run(ticketOf(job))
      },
      {
        ...WORKING,
        concurrency: options.concurrency,
        connection: { ...connection, migrate: false },
      },
      createPostgresBackend,
    )
    worker = working
    working.on('error', handlers.failed)
    working.on('completed', (job) => {
      handlers.done(ticketOf(job))
    })
    working.on('failed', (job) => {
      if (job !== undefined) handlers.done(ticketOf(job))
    })
    await working.waitUntilReady()
    return {
      async add({ jobId, kind, attempt }, delayMs) {
        await queue.add('run', { jobId, kind, attempt } satisfies Ticket, {
          ...KEEP_NOTHING,
          jobId: `${jobId}.${attempt}`,
          ...(delayMs > 0 ? { delay: delayMs } : {}),
        })
      },
      async close() {
        await working.close()
        await queue.close()
      },
    }
  } catch (err) {
    await worker?.close(true)
    await queue.close()
    throw err
  }
}

/** A ticket that was worked on is forgotten at once: what has come of it stands in the catalog. */
const KEEP_NOTHING = { removeOnComplete: true, removeOnFail: true }

const WORKING = {
  drainDelay: LOOK_AGAIN_SECONDS,
  lockDuration: LOCK_MS,
  stalledInterval: LOOK_FOR_DEAD_MS,
  runRetryDelay: 1_000,
}

function ticketOf(job: { readonly data: unknown }): Ticket {
  return job.data as Ticket
}
