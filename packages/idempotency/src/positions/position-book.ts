// Positions in memory, the one used longest ago first.
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

export class PositionBook {
  private readonly known = new Map<string, KnownPosition>()

  get size(): number {
    return this.known.size
  }

  find(dataSourceId: string, stream: string, partition: number): KnownPosition | null {
    return this.known.get(keyOf(dataSourceId, stream, partition)) ?? null
  }

  /** Takes a position unless one that is further is known: what is read anew from the log changes nothing. */
  add(position: KnownPosition): void {
    const { dataSourceId, stream, partition, epoch, next } = position
    const key = keyOf(dataSourceId, stream, partition)
    const before = this.known.get(key)
    if (before !== undefined && isAhead(before, position)) return
    this.known.delete(key)
    this.known.set(key, { dataSourceId, stream, partition, epoch, next })
    const oldest = this.known.keys().next().value
    if (this.known.size > POSITIONS_MAX && oldest !== undefined) this.known.delete(oldest)
  }

  all(): KnownPosition[] {
    return [...this.known.values()]
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

function keyOf(dataSourceId: string, stream: string, partition: number): string {
  return `${dataSourceId} ${String(partition)} ${stream}`
}
