// How far readers of streams came. Truth is the log: a frame carries the position that it moves its reader to, so rows and position are
// durable together. What is in memory is rebuilt from a checkpoint and the frames above it. See docs/adr/0015.
import type { EventLog, EventLogReader, NewFrame, StreamPosition } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'

import { diskKeyFiles, type KeyFiles } from '../key-files.ts'
import { type KnownPosition, PositionBook, positionOf } from './position-book.ts'
import { PositionFiles } from './position-files.ts'

/** Where positions are kept. */
export interface PositionOptions {
  /** Folder of the checkpoints; created (0700) when missing. One process at a time. */
  readonly dir: string
  readonly logger: Logger
  /** For tests. Default the disk at `dir`. */
  readonly files?: KeyFiles
  /** Milliseconds between two checkpoints; default 5,000. */
  readonly everyMs?: number
  /** For tests. Milliseconds before a part of the log that cannot be read is tried again. Default 30,000. */
  readonly readAgainMs?: number
}

/** The checkpoint, before the log is open. */
export interface PositionMemory {
  /** The log must give no sequence at or below: pass it as `sequenceAfter`. */
  readonly upTo: number
  /**
   * Reads from the log what the checkpoint lacks, then writes checkpoints.
   * @param reader of the same log; closed with the positions.
   */
  follow(
    log: Pick<EventLog, 'append' | 'durable'>,
    reader: Pick<EventLogReader, 'heads' | 'close'>,
  ): StreamPositions
}

/** How far readers of streams came, exactly as the log has it. */
export interface StreamPositions {
  /** Resolves when every frame was read that was in the log at the start: before, nobody knows a position. @throws on abort. */
  known(signal: AbortSignal): Promise<void>
  /** null for a partition that was never read. */
  find(dataSourceId: string, stream: string, partition: number): KnownPosition | null
  /** Appends a frame and moves the position, both or neither. @throws as EventLog.append; then nothing moved. */
  append(frame: NewFrame & { readonly position: StreamPosition }): Promise<number>
  /** Sets positions that no frame stands for, such as where a new reader begins. Durable when it resolves. */
  set(positions: readonly KnownPosition[]): Promise<void>
  /** The log must keep the frames from here on. */
  keepFrom(): number
  counters(): PositionCounters
  /** Writes a last checkpoint. Idempotent. */
  close(): Promise<void>
}

/** Counts since the start. */
export interface PositionCounters {
  readonly positions: number
  readonly checkpoints: number
  readonly failedCheckpoints: number
  /** Checkpoints that were damaged at the start. */
  readonly damaged: number
}

/** Opens the newest sound checkpoint. A damaged one is told and removed. */
export async function openPositionMemory(options: PositionOptions): Promise<PositionMemory> {
  const files = new PositionFiles(options.files ?? diskKeyFiles(options.dir))
  let damaged = 0
  const found = await files.open((name) => {
    damaged += 1
    options.logger.error(
      { name },
      'a checkpoint of stream positions is damaged: the one before it is used',
    )
  })
  const book = new PositionBook()
  for (const position of found?.positions ?? []) book.add(position)
  const upTo = found?.upTo ?? 0
  return {
    upTo,
    follow(log, reader) {
      const positions = new LogPositions({ book, files, log, reader, options, upTo, damaged })
      positions.start()
      return positions
    },
  }
}

interface Deps {
  readonly book: PositionBook
  readonly files: PositionFiles
  readonly log: Pick<EventLog, 'append' | 'durable'>
  readonly reader: Pick<EventLogReader, 'heads' | 'close'>
  readonly options: PositionOptions
  readonly upTo: number
  readonly damaged: number
}

class LogPositions implements StreamPositions {
  private readonly deps: Deps
  /** What was in the log at the start, and how much of it was read. */
  private readonly foundUpTo: number
  private readUpTo: number
  /** Sequences above which appends of ours may be that did not resolve yet. */
  private readonly appending = new Set<{ readonly above: number }>()
  private readonly ending = new AbortController()
  private readonly counts = { checkpoints: 0, failedCheckpoints: 0 }
  private reading: Promise<void> = Promise.resolve()
  private writing: Promise<void> = Promise.resolve()
  private wroteUpTo: number
  private isChanged = false
  private timer: NodeJS.Timeout | null = null
  private closing: Promise<void> | null = null

  constructor(deps: Deps) {
    this.deps = deps
    this.foundUpTo = deps.log.durable()
    this.readUpTo = deps.upTo
    this.wroteUpTo = deps.upTo
  }

  start(): void {
    this.reading = this.read()
    this.timer = setInterval(() => {
      if (this.isChanged || this.covered() > this.wroteUpTo)
        this.checkpoint().catch(() => undefined)
    }, this.deps.options.everyMs ?? 5_000).unref()
  }

  async known(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    let onAbort: () => void = () => undefined
    const aborted = new Promise<void>((resolve) => {
      onAbort = resolve
      signal.addEventListener('abort', onAbort, { once: true })
    })
    await Promise.race([this.reading, aborted])
    signal.removeEventListener('abort', onAbort)
    signal.throwIfAborted()
  }

  find(dataSourceId: string, stream: string, partition: number): KnownPosition | null {
    return this.deps.book.find(dataSourceId, stream, partition)
  }

  async append(frame: NewFrame & { readonly position: StreamPosition }): Promise<number> {
    const { log, book } = this.deps
    const held = { above: log.durable() }
    this.appending.add(held)
    try {
      const sequence = await log.append(frame)
      book.add(positionOf(frame.dataSourceId, frame.position))
      this.isChanged = true
      return sequence
    } finally {
      this.appending.delete(held)
    }
  }

  async set(positions: readonly KnownPosition[]): Promise<void> {
    for (const position of positions) this.deps.book.add(position)
    // No frame has them: they must be in both checkpoints that are kept.
    await this.checkpoint()
    await this.checkpoint()
  }

  keepFrom(): number {
    return (this.deps.files.coveredByAll() ?? 0) + 1
  }

  counters(): PositionCounters {
    const { book, damaged } = this.deps
    return { positions: book.size, ...this.counts, damaged }
  }

  close(): Promise<void> {
    return (this.closing ??= this.end())
  }

  private async end(): Promise<void> {
    this.ending.abort()
    if (this.timer !== null) clearInterval(this.timer)
    await this.reading
    if (this.isChanged || this.covered() > this.wroteUpTo)
      await this.checkpoint().catch(() => undefined)
    await this.writing.catch(() => undefined)
    await this.deps.reader.close()
  }

  /** Every position of a frame up to here is in the book. */
  private covered(): number {
    if (this.readUpTo < this.foundUpTo) return this.readUpTo
    let covered = this.deps.log.durable()
    for (const { above } of this.appending) covered = Math.min(covered, above)
    return covered
  }

  /** One after the other. @throws what the disk throws. */
  private checkpoint(): Promise<void> {
    const write = async (): Promise<void> => {
      const upTo = this.covered()
      this.isChanged = false
      try {
        await this.deps.files.write({ upTo, positions: this.deps.book.all() })
      } catch (err) {
        this.isChanged = true
        this.counts.failedCheckpoints += 1
        this.deps.options.logger.warn(
          { err },
          'stream positions cannot be written: it is tried again',
        )
        throw err
      }
      this.counts.checkpoints += 1
      this.wroteUpTo = upTo
    }
    const next = this.writing.then(write, write)
    this.writing = next.catch(() => undefined)
    return next
  }

  /** Until it succeeds: a position that is not known would be read twice. */
  private async read(): Promise<void> {
    const { logger, readAgainMs = 30_000 } = this.deps.options
    const { signal } = this.ending
    while (!signal.aborted) {
      try {
        await this.readOnce()
        return
      } catch (err) {
        logger.error(
          { err },
          'the event log cannot be searched for stream positions: nothing is read from streams until it can',
        )
        await pause(readAgainMs, signal)
      }
    }
  }

  private async readOnce(): Promise<void> {
    const { reader, book } = this.deps
    if (this.readUpTo >= this.foundUpTo) return
    for await (const head of reader.heads(this.readUpTo + 1, this.foundUpTo, this.ending.signal)) {
      if (head.position !== undefined) {
        book.add(positionOf(head.dataSourceId, head.position))
        this.isChanged = true
      }
      this.readUpTo = head.sequence
    }
    if (!this.ending.signal.aborted) this.readUpTo = this.foundUpTo
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })
}
