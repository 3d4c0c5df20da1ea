// The log in Kafka, where gateways and writers are processes of their own and this one has neither: it changes tables, answers, and takes
// events like a gateway.
import { type Catalog, openSharedLogCatalog } from '@sandpiper/catalog'
import type { EventLog, Turn } from '@sandpiper/eventlog'
import {
  type IdempotentLog,
  openPositionMemory,
  openSharedKeys,
  type StreamPositions,
} from '@sandpiper/idempotency'
import { type KafkaLogSettings, kafkaPlaceOf, openKafkaLog } from '@sandpiper/kafkalog'
import type { Logger } from '@sandpiper/telemetry'
import { allWorkspaces } from './backups/hold-loading.ts'
import type { Closing } from './closing.ts'

/** Opens it. @throws KafkaProblem when the cluster cannot be reached. */
export async function hostSharedLog(
  deps: {
    readonly kafka: KafkaLogSettings
    readonly catalogUrl: string
    readonly positionsDir: string
    readonly keysMs: number
    readonly logger: Logger
  },
  closing: Closing,
): Promise<{ log: EventLog; keys: IdempotentLog; positions: StreamPositions }> {
  const { logger } = deps
  const catalog = openSharedLogCatalog({ connection: deps.catalogUrl, logger })
  closing.add('log catalog', 300, () => catalog.close())
  const place = kafkaPlaceOf(deps.kafka)
  const log = await openKafkaLog({ place, catalog, clientId: 'sandpiper-api', logger })
  const keys = openSharedKeys({
    ...{ log, store: catalog.keys, ageMsMax: deps.keysMs, now: Date.now, logger },
  })
  // Where a log cannot be searched for positions nothing is read from streams: see docs/guides/scale-out.md.
  const memory = await openPositionMemory({ dir: deps.positionsDir, logger })
  const positions = memory.follow(
    { append: (frame) => log.append(frame), durable: () => 0 },
    {
      async *heads() {
        // Nothing to search.
      },
      close: () => Promise.resolve(),
    },
  )
  return { log, keys, positions }
}

/** How long writers may take to end what they have in flight. */
const TURN_MS = 60_000

/** Does work while no writer loads anything of any workspace. @throws fault `server.busy` when that does not come in time. */
export async function whileNobodyLoads(
  deps: {
    readonly log: EventLog
    readonly catalog: Pick<Catalog, 'listWorkspaces' | 'listBranches'>
  },
  work: () => Promise<void>,
): Promise<void> {
  const turns: Turn[] = []
  try {
    for (const id of await allWorkspaces(deps.catalog))
      turns.push(await deps.log.turn(id, AbortSignal.timeout(TURN_MS)))
    await work()
  } finally {
    await Promise.all(turns.map((turn) => turn.release()))
  }
}
