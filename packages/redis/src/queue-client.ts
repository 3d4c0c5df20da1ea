import type { Logger } from '@sandpiper/telemetry'
import type { Redis } from 'ioredis'

import { clientSettings, watchClient, type RedisPlace } from './client-settings.ts'

/** A connection for the queue of jobs; whoever made it ends it. */
export type QueueClient = Redis

/** How long the queue waits for one answer that comes at once when all is well. */
const ANSWER_MS = 5_000

/**
 * Makes the connection that adds tickets, and the one that takes them. Adding fails at once while Redis is away, so that nothing piles up in
 * memory: the catalog knows what waits. Taking waits for Redis to come back. Neither is connected yet.
 */
export async function createQueueClients(
  place: RedisPlace,
  logger: Logger,
): Promise<{ readonly adding: QueueClient; readonly taking: QueueClient }> {
  const { Redis } = await import('ioredis')
  const settings = { ...clientSettings(place), maxRetriesPerRequest: null }
  const adding = new Redis(place.url, {
    ...settings,
    enableOfflineQueue: false,
    commandTimeout: ANSWER_MS,
  })
  const taking = new Redis(place.url, settings)
  watchClient(adding, logger, 'jobs wait until it is back')
  watchClient(taking, logger, 'no job is taken up until it is back')
  return { adding, taking }
}
