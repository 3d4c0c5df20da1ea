// Positions in memory: of each data source the one used longest ago first.
import type { StreamPosition } from '@sandpiper/eventlog'

/** How far a data source is in one partition of a stream. */
export interface KnownPosition {
  readonly dataSourceId: string
  readonly stream: string
  readonly partition: number
  readonly epoch: number
  readonly next: number
}

/** Positions of data sources that are gone stay until so many newer ones are there: nobody tells us that they are gone. */
const POSITIONS_MAX = 100_000
/** Of one data source. A topic has at most 10,000 partitions, and was perhaps read in another group before. */
const OF_DATA_SOURCE_MAX = 20_000

export class PositionBook {
  private readonly known = new Map<string, Map<string, KnownPosition>>()
  private count = 0

  get size(): number {
    return this.count
  }

  find(dataSourceId: string, stream: string, partition: number): KnownPosition | null {
    return this.known.get(dataSourceId)?.get(keyOf(stream, partition)) ?? null
  }

  /** Takes a position unless one that is further is known: what is read anew from the log changes nothing. */
  add(position: KnownPosition): void {
    const { dataSourceId, stream, partition, epoch, next } = position
    const own = this.known.get(dataSourceId) ?? new Map<string, KnownPosition>()
    this.known.set(dataSourceId, own)
    const key = keyOf(stream, partition)
    const before = own.get(key)
    if (before !== undefined && isAhead(before, position)) return
    if (own.delete(key)) this.count -= 1
    own.set(key, { dataSourceId, stream, partition, epoch, next })
    this.count += 1
    if (own.size > OF_DATA_SOURCE_MAX) this.forgetOldest(own)
    // A data source with many partitions drives out its own positions before those of any other.
    if (this.count > POSITIONS_MAX) this.forgetOldest(this.largest())
  }

  all(): KnownPosition[] {
    return [...this.known.values()].flatMap((own) => [...own.values()])
  }

  private forgetOldest(own: Map<string, KnownPosition>): void {
    const oldest = own.keys().next().value
    if (oldest !== undefined && own.delete(oldest)) this.count -= 1
  }

  private largest(): Map<string, KnownPosition> {
    let largest = new Map<string, KnownPosition>()
    for (const own of this.known.values()) if (own.size > largest.size) largest = own
    return largest
  }
}

/** What the head of a frame says. */
export function positionOf(dataSourceId: string, position: StreamPosition): KnownPosition {
  const { stream, partition, epoch, next } = position
  return { dataSourceId, stream, partition, epoch, next }
}

function isAhead(a: KnownPosition, b: KnownPosition): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.next > b.next)
}

function keyOf(stream: string, partition: number): string {
  return `${String(partition)} ${stream}`
}
