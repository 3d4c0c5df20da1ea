// How much of the disk the log may take, and which segments go. What is confirmed everywhere is kept as long as it was asked for and as
// long as there is room, and so is what a failing view of somebody still wants: it must not cost all others their room. What is not
// confirmed is never dropped: when the room ends, appends are refused instead (507).
import { type Fault, fault } from '@sandpiper/faults'
import type { LogFiles, SpaceOfDisk } from './log-files.ts'
import { listSegments, type Segment } from './segments.ts'

const MIB = 1024 * 1024

/** Bounds of the log's segments. Bytes and milliseconds. */
export interface LogKeeping {
  /** Confirmed segments are kept this long after their last frame, for replays; 0 drops them at once. */
  readonly keepMs: number
  /** Confirmed segments beyond this go, the oldest first. */
  readonly keepBytesMax: number
  /** Above this, confirmed segments go whatever was asked for; then appends are refused. */
  readonly logBytesMax: number
  /** The same when less than this is free on the log's disk. null: 512 MiB, or 2 % of a disk smaller than 25 GiB. */
  readonly freeBytesMin: number | null
}

/** Drops what is confirmed at once, takes the whole disk but 512 MiB. */
export const LOG_KEEPING: LogKeeping = {
  keepMs: 0,
  keepBytesMax: Number.MAX_SAFE_INTEGER,
  logBytesMax: Number.MAX_SAFE_INTEGER,
  freeBytesMin: null,
}

/** The room of the log as it was seen last. Bytes. */
export interface LogSpace {
  readonly logBytes: number
  /** Of these, in segments that are confirmed everywhere. */
  readonly confirmedBytes: number
  readonly freeBytes: number
  readonly diskBytes: number
  /** Why appends are refused now: the disk is nearly full, the log is as large as it may be; null: they are not. */
  readonly refusal: 'disk' | 'log' | null
  /** Segments removed since the log was opened. */
  readonly dropped: number
}

export interface SpaceKeeper {
  /** @throws fault `storage.full` (507) while there is no room. */
  check(): void
  /** Looks again some time soon: bytes were written, or segments became free to go. */
  written(bytes: number): void
  /** No frame below is needed by the writer any more. Those from `wantedFrom` on stay while there is room; default: none. */
  confirmedBelow(sequence: number, wantedFrom?: number): void
  space(): LogSpace
  /** What can be written, by the last look, before appends are refused. */
  roomBytes(): number
  /** Looks now, drops what may go, and decides whether there is room. */
  look(): Promise<void>
  close(): Promise<void>
}

/** Written bytes after which the disk is looked at before the next interval. */
const LOOK_EVERY_BYTES = 32 * MIB
const LOOK_EVERY_MS = 1_000
const LOOK_WHILE_IDLE_MS = 30_000

interface SpaceDeps {
  readonly files: LogFiles
  readonly keeping: LogKeeping
  /** Lowest sequence that somebody else than the writer still needs. */
  readonly keepFrom: () => number
  readonly now: () => number
}

export function createSpaceKeeper(deps: SpaceDeps): SpaceKeeper {
  let confirmedBelow = 0
  let wantedFrom = Number.MAX_SAFE_INTEGER
  let sinceLook = 0
  let lookedAtMs = deps.now()
  let isClosed = false
  let seen: LogSpace = {
    ...{ logBytes: 0, confirmedBytes: 0, freeBytes: 0, diskBytes: 0, dropped: 0 },
    refusal: null,
  }

  const looks = oneAtATime(async () => {
    sinceLook = 0
    lookedAtMs = deps.now()
    const { dropped, ...now } = await sweep(deps, confirmedBelow, wantedFrom)
    seen = { ...now, dropped: seen.dropped + dropped }
  })

  function lookIfDue(): void {
    if (isClosed || looks.isRunning()) return
    const isDue = Math.abs(deps.now() - lookedAtMs) >= LOOK_EVERY_MS
    if (isDue || sinceLook >= LOOK_EVERY_BYTES) void looks.run()
  }

  const idle = setInterval(() => void looks.run(), LOOK_WHILE_IDLE_MS)
  idle.unref()

  return {
    check() {
      if (seen.refusal === null) return
      lookIfDue()
      throw noRoom(seen.refusal)
    },
    written(bytes) {
      sinceLook += bytes
      lookIfDue()
    },
    confirmedBelow(sequence, wanted = sequence) {
      confirmedBelow = Math.max(confirmedBelow, sequence)
      wantedFrom = wanted
      void looks.run()
    },
    space: () => seen,
    roomBytes: () => roomOf(deps.keeping, seen.logBytes, seen),
    look: () => looks.run(),
    async close() {
      isClosed = true
      clearInterval(idle)
      if (looks.isRunning()) await looks.run()
    },
  }
}

/** Drops what may go, and tells the room as it is then. */
async function sweep(
  deps: SpaceDeps,
  confirmedBelow: number,
  wantedFrom: number,
): Promise<LogSpace> {
  const { files, keeping } = deps
  let left = await measure(files, Math.min(confirmedBelow, deps.keepFrom()), wantedFrom)
  let disk = await files.space()
  let dropped = 0
  for (const segment of left) {
    const isCrowded = refusalOf(keeping, bytesOf(left), disk) !== null
    if (!mayGo(deps, segment, left, isCrowded)) break
    await files.remove(segment.name)
    dropped += 1
    left = left.slice(1)
    if (isCrowded) disk = await files.space()
  }
  const logBytes = bytesOf(left)
  const confirmedBytes = bytesOf(left.filter((segment) => segment.isConfirmed))
  return { logBytes, confirmedBytes, ...disk, refusal: refusalOf(keeping, logBytes, disk), dropped }
}

/** @param left the segments that are still there, this one first. */
function mayGo(
  { keeping, now }: SpaceDeps,
  segment: Measured,
  left: readonly Measured[],
  isCrowded: boolean,
): boolean {
  if (!segment.isConfirmed) return false
  if (isCrowded) return true
  if (segment.isWanted) return false
  const ageMs = now() - segment.writtenAtMs
  if (keeping.keepMs === 0 || ageMs >= keeping.keepMs) return true
  return bytesOf(left.filter((each) => each.isConfirmed)) > keeping.keepBytesMax
}

/** Runs the work, never twice at the same time; a call meanwhile gets a run that begins after it. Failures are passed over. */
function oneAtATime(work: () => Promise<void>): { run(): Promise<void>; isRunning(): boolean } {
  let running: Promise<void> | null = null
  let following: Promise<void> | null = null
  function run(): Promise<void> {
    if (running === null) {
      // A disk that cannot tell is no reason to refuse: appends find out by themselves.
      running = work()
        .catch(() => undefined)
        .finally(() => {
          running = null
        })
      return running
    }
    following ??= running.then(() => {
      following = null
      return run()
    })
    return following
  }
  return { run, isRunning: () => running !== null }
}

interface Measured extends Segment {
  readonly bytes: number
  readonly writtenAtMs: number
  readonly isConfirmed: boolean
  /** Somebody would still read some of it. */
  readonly isWanted: boolean
}

async function measure(
  files: LogFiles,
  below: number,
  wantedFrom: number,
): Promise<readonly Measured[]> {
  const segments = await listSegments(files)
  return Promise.all(
    segments.map(async (segment, index) => {
      const following = segments[index + 1]
      // The segment that is written to has none that follows: it always stays.
      const isConfirmed = following !== undefined && following.firstSequence <= below
      const isWanted = following === undefined || following.firstSequence > wantedFrom
      return { ...segment, ...(await files.info(segment.name)), isConfirmed, isWanted }
    }),
  )
}

function bytesOf(segments: readonly Measured[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0)
}

function refusalOf(keeping: LogKeeping, logBytes: number, disk: SpaceOfDisk): LogSpace['refusal'] {
  if (disk.freeBytes < freeMinOf(keeping, disk)) return 'disk'
  return logBytes > keeping.logBytesMax ? 'log' : null
}

function roomOf(keeping: LogKeeping, logBytes: number, disk: SpaceOfDisk): number {
  return Math.min(keeping.logBytesMax - logBytes, disk.freeBytes - freeMinOf(keeping, disk))
}

function freeMinOf({ freeBytesMin }: LogKeeping, { diskBytes }: SpaceOfDisk): number {
  return freeBytesMin ?? Math.min(512 * MIB, Math.floor(diskBytes / 50))
}

function noRoom(why: 'disk' | 'log'): Fault {
  const text = {
    disk: 'The disk is nearly full: the events were not stored. Free some space and send them again.',
    log: 'Too many events wait to be written to their data sources: these were not stored. Send them again later.',
  }
  return fault('storage.full', { public: text[why], headers: { 'Retry-After': '5' } })
}
