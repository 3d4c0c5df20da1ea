// Kafka data sources in the all-in-one: which there are is said by the catalog, what comes is judged like events, and where it stands is
// kept with the log.
import type { ConnectionTools, TopicReaders } from '@sandpiper/api'
import {
  createDecoderOf,
  createKafkaConsumers,
  createLiveSources,
  createOpsObserver,
  KAFKA_LIMITS,
  type KafkaConsumers,
  type KafkaCounters,
  type IngestDeps,
} from '@sandpiper/ingest'
import { randomUUID } from 'node:crypto'

import type { Ground } from './open-ground.ts'

export interface HostedKafka {
  readonly readers: TopicReaders
  /** Reading begins, and with it what other systems hear of us. */
  start(): void
  /** Ends after the frames that are being made. Idempotent. */
  close(): Promise<void>
  /** The readers now; none before the start. */
  states: KafkaConsumers['states']
}

type Work = Pick<Ground, 'catalog' | 'positions' | 'logger'> &
  Pick<IngestDeps, 'ops' | 'breakers' | 'tap' | 'now'> & {
    readonly tools: ConnectionTools
    readonly counters: KafkaCounters
  }

/** Builds it; nothing is read before `start`. */
export function hostKafka(work: Work): HostedKafka {
  const { catalog, positions, logger, counters, ops, now, tools } = work
  const observer = createOpsObserver(ops)
  const sources = createLiveSources({
    ...{ catalog, openSocket: tools.openSocket },
    onProblem: (live, message) => {
      observer.problem(live, message)
    },
  })
  let consumers: KafkaConsumers | null = null
  const states = (): ReturnType<KafkaConsumers['states']> => consumers?.states() ?? []
  return {
    states,
    readers: {
      stateOf: (dataSourceId) => {
        const state = states().find((each) => each.dataSourceId === dataSourceId)
        if (state !== undefined) return state
        const error = sources.problems().get(dataSourceId)
        if (error === undefined) return null
        return { state: 'failing', error, records: 0, refused: 0, partitions: [] }
      },
    },
    start() {
      consumers ??= createKafkaConsumers({
        ...{ sources, decoderOf: createDecoderOf({ catalog, registries: tools.registries }) },
        ...{ positions, observer, counters, logger, now, newRequestId: randomUUID },
        random: Math.random,
        limits: KAFKA_LIMITS,
        stored: ({ dataSourceName }, frame, errors) => {
          const { workspaceId, dataSourceId, rowCount, refusedCount } = frame
          work.breakers.observe({
            ...{ workspaceId, dataSourceId, dataSourceName, rowCount, refusedCount, errors },
          })
          work.tap?.taken(frame)
        },
      })
    },
    async close() {
      await consumers?.close()
    },
  }
}
