// Where each partition of a topic is read from when a reader starts: our own position where there is one, and where its records are
// still there.
import { createHash } from 'node:crypto'

import { type KafkaAdmin, KafkaProblem, type PartitionRange } from '@sandpiper/kafka'
import type { KnownPosition } from '@sandpiper/idempotency'

import type { KafkaDeps } from './kafka-deps.ts'
import type { KafkaSource } from './kafka-source.ts'

/** Why a position was set. */
type StartReason =
  /** It was known, and holds. */
  | 'known'
  /** Never read before: from where the group was, else from where the data source says. */
  | 'new'
  /** The oldest records of the partition are gone: `lost` of them were never read. */
  | 'removed'
  /** The partition ends before the position: the topic was made anew, or cut off. */
  | 'anew'

export interface StartPosition {
  readonly position: KnownPosition
  readonly reason: StartReason
  readonly lost: number
  readonly range: PartitionRange
}

/** Positions of a data source are bounded: more partitions would make it forget its own. */
const PARTITIONS_MAX = 10_000
/** The name is written once more as JSON, in the head of each frame. */
const NAME_BYTES_MAX = 1_000

/**
 * Names a topic and its reader. Group and cluster id are whatever their owners and brokers say: by its hash where that is long.
 * @param clusterId another cluster is another stream.
 */
export function streamName(
  source: Pick<KafkaSource, 'groupId' | 'topic'>,
  clusterId: string,
): string {
  const names = JSON.stringify([clusterId, source.groupId, source.topic])
  const name = `kafka:${names}`
  if (Buffer.byteLength(JSON.stringify(name)) <= NAME_BYTES_MAX) return name
  // A name that is not hashed goes on with a bracket: nobody takes the hash of another one for a name.
  return `kafka:${createHash('sha256').update(names).digest('hex')}`
}

/** Finds and keeps where each partition begins; durable when it resolves. @param wasGone the topic was seen to be gone since it was read. */
export async function startPositions(
  deps: Pick<KafkaDeps, 'positions'>,
  source: KafkaSource,
  admin: Pick<KafkaAdmin, 'ranges' | 'committed'>,
  { stream, wasGone }: { readonly stream: string; readonly wasGone: boolean },
): Promise<StartPosition[]> {
  const ranges = await admin.ranges(source.topic)
  if (ranges.length > PARTITIONS_MAX)
    throw new KafkaProblem(
      'away',
      `The topic '${source.topic}' has more than ${String(PARTITIONS_MAX)} partitions.`,
    )
  const find = (partition: number): KnownPosition | null =>
    deps.positions.find(source.dataSourceId, stream, partition)
  const isNew = ranges.every(({ partition }) => find(partition) === null)
  const committed = isNew
    ? await admin.committed(source.groupId, source.topic)
    : new Map<number, number>()
  const found = ranges.map((range): StartPosition => {
    const { partition, low, high } = range
    const known = find(partition)
    const at = (epoch: number, next: number, reason: StartReason, lost = 0): StartPosition => ({
      position: { dataSourceId: source.dataSourceId, stream, partition, epoch, next },
      ...{ reason, lost, range },
    })
    if (known === null) {
      // A partition that came later holds nothing that was there before its data source.
      if (!isNew) return at(0, low, 'new')
      const group = committed.get(partition)
      if (group !== undefined && group >= low && group <= high) return at(0, group, 'new')
      return at(0, source.offsetReset === 'earliest' ? low : high, 'new')
    }
    const { epoch, next } = known
    if (next > high) {
      const begin = wasGone || source.offsetReset === 'earliest' ? low : high
      return at(epoch + 1, begin, 'anew')
    }
    if (next < low) return at(epoch, low, 'removed', low - next)
    return at(epoch, next, 'known')
  })
  const changed = found.filter(({ reason }) => reason !== 'known')
  if (changed.length > 0) await deps.positions.set(changed.map(({ position }) => position))
  return found
}
