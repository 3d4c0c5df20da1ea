// Follows the log: hands the head of each durable frame to its data source, once and in order, and reads on for those that had no
// room. It never waits for a load, so one data source that cannot advance does not hold back the others.
import type { EventLogReader, FrameRef, WriterLink } from '@sandpiper/eventlog'
import { restBetween } from './rest-between.ts'
import type { Source } from './source.ts'

export interface Intake {
  /** Every frame up to here was handed over. */
  scannedTo(): number
  /** Hands over what was left out of a queue, as far as there is room. */
  readOn(source: Source): void
  /** Begins to follow; resolves when the signal has ended it. */
  follow(): Promise<void>
}

interface IntakeDeps {
  readonly link: WriterLink
  readonly reader: EventLogReader
  /** A frame that was scanned. */
  readonly onFrame: (ref: FrameRef) => void
  /** Called when the end of what is durable was reached. */
  readonly onCaughtUp: () => void
  /** Takes a frame that was left out; false when there is no room again. */
  readonly onLeftOut: (source: Source, ref: FrameRef) => boolean
  readonly onReadOn: (source: Source) => void
  /** Told when the log cannot be read; resolves when it should be tried again. */
  readonly onTrouble: (err: unknown) => Promise<void>
  /** Lets other work run. */
  readonly pause: () => Promise<void>
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number
  /** Resolves after the time, or when the writer stops. */
  readonly sleep: (ms: number) => Promise<void>
}

/** A scan looks at the folder and the end of a file before it finds anything: under load that is worth a few frames at a time. */
const SCAN_EVERY_MS = 5
/** Frames between two breaths: heads come from memory, and reading a backlog must not starve the loads. */
const FRAMES_PER_BREATH = 500

export function createIntake(deps: IntakeDeps, from: number, signal: AbortSignal): Intake {
  let scannedTo = from - 1
  const rest = restBetween(SCAN_EVERY_MS, deps)
  let wake: () => void = () => undefined

  const news = (): Promise<void> => new Promise((resolve) => (wake = resolve))

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      if (deps.link.durable() > scannedTo) {
        await rest()
        await scanTo(deps.link.durable()).catch(deps.onTrouble)
        continue
      }
      deps.onCaughtUp()
      // The listener may have been called while the scan ended.
      if (deps.link.durable() <= scannedTo) await news()
    }
  }

  async function scanTo(target: number): Promise<void> {
    let count = 0
    for await (const ref of deps.reader.scan(scannedTo + 1, target, signal)) {
      scannedTo = ref.sequence
      deps.onFrame(ref)
      count += 1
      if (count % FRAMES_PER_BREATH === 0) await deps.pause()
    }
    // Frames that are damaged or were dropped are not yielded: they are behind us all the same.
    if (!signal.aborted) scannedTo = target
  }

  async function readOn(source: Source): Promise<void> {
    for (
      let from = source.queue.leftOutFrom();
      from !== null && !signal.aborted;
      from = source.queue.leftOutFrom()
    ) {
      const upTo = scannedTo
      let count = 0
      for await (const ref of deps.reader.scan(from, upTo, signal)) {
        if (ref.dataSourceId === source.id && !deps.onLeftOut(source, ref)) return
        count += 1
        if (count % FRAMES_PER_BREATH === 0) await deps.pause()
      }
      // Nothing may be scanned between this look and the next offer: both happen in one step.
      source.queue.setLeftOut(scannedTo === upTo ? null : upTo + 1)
    }
  }

  const onNews = (): void => {
    wake()
  }
  deps.link.onDurable(onNews)
  signal.addEventListener('abort', onNews)
  return {
    scannedTo: () => scannedTo,
    readOn(source) {
      if (source.isReadingOn || source.queue.leftOutFrom() === null) return
      source.isReadingOn = true
      void readOn(source)
        .catch(deps.onTrouble)
        .finally(() => {
          source.isReadingOn = false
          deps.onReadOn(source)
        })
    },
    follow,
  }
}
