// The readers of all Kafka data sources: each is started, changed and ended as the live deployments say.
import { createHeldBytes } from './held-bytes.ts'
import type { KafkaDeps } from './kafka-deps.ts'
import type { KafkaConsumers, KafkaSource, KafkaSourceState } from './kafka-source.ts'
import { SourceReader } from './source-reader.ts'

const LOOK_MS = 1_000

/** Starts to look at once. Two data sources of a workspace and its branches that read one topic in one group would share its partitions: only the first of them reads. */
export function createKafkaConsumers(deps: KafkaDeps): KafkaConsumers {
  const held = createHeldBytes(deps.limits.heldBytesMax, deps.counters)
  const readers = new Map<string, SourceReader>()
  let listed: readonly KafkaSource[] = []
  let refused = new Map<string, string>()
  let isClosed = false
  let reconciling: Promise<void> = Promise.resolve()

  async function reconcileOnce(): Promise<void> {
    if (isClosed) return
    // A catalog that is away changes nothing.
    const found = await deps.sources.list().catch(() => null)
    if (found === null) return
    listed = found
    refused = sharing(found.filter(({ isPaused }) => !isPaused))
    const wanted = new Map(
      found
        .filter((each) => !each.isPaused && !refused.has(each.dataSourceId))
        .map((each) => [each.dataSourceId, each]),
    )
    const ended = [...readers.values()].filter((reader) => {
      const source = wanted.get(reader.source.dataSourceId)
      return source === undefined || !isSame(source, reader.source)
    })
    for (const { source } of ended) readers.delete(source.dataSourceId)
    await Promise.all(ended.map((reader) => reader.close()))
    for (const source of wanted.values())
      if (!readers.has(source.dataSourceId))
        readers.set(source.dataSourceId, new SourceReader(deps, source, held))
  }

  function reconcile(): Promise<void> {
    reconciling = reconciling.then(reconcileOnce)
    return reconciling
  }

  let isDue = true
  const timer = setInterval(() => {
    if (!isDue) return
    isDue = false
    void reconcile().finally(() => (isDue = true))
  }, LOOK_MS).unref()
  deps.sources.onChange?.(() => void reconcile())
  void reconcile()

  return {
    reconcile,
    states: () =>
      listed.map((source) => readers.get(source.dataSourceId)?.view() ?? idle(source, refused)),
    async close() {
      isClosed = true
      clearInterval(timer)
      await reconciling
      await Promise.all([...readers.values()].map((reader) => reader.close()))
      readers.clear()
    },
  }
}

function idle(
  { dataSourceId, isPaused }: KafkaSource,
  refused: ReadonlyMap<string, string>,
): KafkaSourceState {
  const error = refused.get(dataSourceId) ?? null
  return {
    ...{ dataSourceId, error, partitions: [] },
    state: error !== null ? 'failing' : isPaused ? 'paused' : 'starting',
    ...{ records: 0, bytes: 0, refused: 0, rebalances: 0 },
  }
}

/** The data sources that would share the partitions of a topic with another one, and why they do not read. */
function sharing(sources: readonly KafkaSource[]): Map<string, string> {
  const first = new Map<string, KafkaSource>()
  const refused = new Map<string, string>()
  for (const source of sources) {
    const { connection, groupId, topic, dataSourceId, dataSourceName } = source
    const mainId = source.mainId ?? source.workspaceId
    // Another workspace may write what it likes, and stops no reader of this one by it.
    const key = JSON.stringify([mainId, [...connection.bootstrapServers].sort(), groupId, topic])
    const other = first.get(key)
    if (other === undefined) {
      first.set(key, source)
      continue
    }
    // Names of another workspace are nobody's business.
    const who =
      other.workspaceId === source.workspaceId ? `'${other.dataSourceName}'` : 'Another data source'
    refused.set(
      dataSourceId,
      `${who} reads this topic in the same group: give '${dataSourceName}' a KAFKA_GROUP_ID of its own.`,
    )
  }
  return refused
}

function isSame(a: KafkaSource, b: KafkaSource): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
