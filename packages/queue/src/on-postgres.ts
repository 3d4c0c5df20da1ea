import type { PostgresConnection } from '@sandpiper/catalog'

import type { TicketPlace } from './ticket-place.ts'

const SCHEMA = 'bullmq'
/** Connections: one that listens, and at most so many more for adding and for taking; idle ones close after 10 s. */
const CONNECTIONS_MAX = 2
const WORKING = {
  /** Seconds after which an idle worker looks by itself. New tickets are told at once; this is for a notification that got lost. */
  drainDelay: 60,
  /** Milliseconds after which a ticket that this process lost hold of is brought again, and how often that is looked for. */
  lockDuration: 30_000,
  stalledInterval: 60_000,
  runRetryDelay: 1_000,
}

/** Tickets in a schema of their own beside the catalog. */
export async function onPostgres(postgres: PostgresConnection): Promise<TicketPlace> {
  const { Queue, Worker, createPostgresBackend } = await import('bullmq')
  const place = typeof postgres === 'string' ? { connectionString: postgres } : postgres
  const connection = {
    ...place,
    schema: SCHEMA,
    migrate: true,
    max: CONNECTIONS_MAX,
    application_name: 'sandpiper jobs',
    connectionTimeoutMillis: 5_000,
  }
  return {
    openQueue: (name) => new Queue(name, { connection }, createPostgresBackend),
    openWorker: (name, concurrency, run) =>
      new Worker(
        name,
        run,
        { ...WORKING, concurrency, connection: { ...connection, migrate: false } },
        createPostgresBackend,
      ),
    end: () => undefined,
  }
}
