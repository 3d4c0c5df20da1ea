// Bit rot. Single bits are flipped in copies of a log that the product wrote, read by the real reader and recovery, and its last frame is
// cut off at every byte; then once in the log of a product that has not loaded it yet, which is started on it.
import {
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { flipLogBits, truncateLastFrame, type DamageResult } from '@sandpiper/testkit'
import { check, type SourceEvidence, type Violation } from './checker.ts'
import { collect } from './collect.ts'
import { killNow } from './kills.ts'
import { childOf } from './process-tree.ts'
import { startLoad, type Load } from './producers.ts'
import type { Random } from './random.ts'
import { drained } from './recovery.ts'
import {
  beginRound,
  closeRound,
  RECOVERY_LIMIT_MS,
  stuck,
  type Round,
  type RoundPlace,
  type RoundResult,
} from './round.ts'

export interface FlipRoundOptions {
  readonly flips: number
}

/** Long enough for some dozen frames, short enough to be read ten thousand times. */
const LOAD_MS = 250

export async function runFlipRound(
  place: RoundPlace,
  random: Random,
  options: FlipRoundOptions,
): Promise<RoundResult> {
  const counts: Record<string, number> = {}
  const violations: Violation[] = []
  mkdirSync(place.folder, { recursive: true })
  let round: Round | null = null
  let load: Load | null = null
  try {
    round = await beginRound(place)
    // Nothing is loaded: whatever the flip costs is seen.
    const writer = childOf(round.instance.pid(), 'writer')
    if (writer !== null) process.kill(writer, 'SIGSTOP')
    load = startLoad(round.instance, round.ledger, random.fork('load'), {
      paceMs: 40,
      isQuick: true,
    })
    await pause(LOAD_MS)
    const stopped = load.stop()
    await pause(500)
    killNow(round.instance, 'tree')
    await round.instance.gone()
    await stopped
    const logDir = join(place.folder, 'data/log')
    const flips = await flipLogBits(logDir, place.folder, options.flips, (below) =>
      random.below(below),
    )
    const cuts = await truncateLastFrame(logDir, place.folder)
    count(counts, violations, 'bit flip', flips)
    count(counts, violations, 'cut of the last frame', cuts)
    violations.push(...(await startDamaged(round, load, flipOne(logDir, random))))
    counts['bit flip under a product'] = 1
  } catch (err) {
    violations.push(stuck(err))
  }
  await round?.instance.end()
  await load?.stop()
  closeRound(place, round, violations, options)
  const events = {
    acknowledged: round?.ledger.events('acknowledged') ?? 0,
    unknown: round?.ledger.events('unknown') ?? 0,
  }
  return { violations, events, counts, recoveryMs: [] }
}

function count(
  counts: Record<string, number>,
  violations: Violation[],
  name: string,
  result: DamageResult,
): void {
  counts[name] = result.damages
  counts[`${name}, hit a frame`] = result.hits
  const [first] = result.violations
  if (first !== undefined)
    violations.push({ kind: 'damaged', where: 'log', count: result.violations.length, first })
}

/** Starts the product on a log with one flipped bit: it may cost the one request that it hit, and must be reported. */
async function startDamaged(
  { instance, ledger }: Round,
  load: Load,
  flipped: string,
): Promise<Violation[]> {
  await instance.restart()
  await drained(instance, load, RECOVERY_LIMIT_MS)
  const { sources, views } = await collect(instance.url(), instance.token(), ledger)
  const missing = sources.flatMap((source) =>
    source.requests.filter((request) => isMissing(source, request)),
  )
  const found = check(
    sources.map((source) => ({
      ...source,
      requests: source.requests.map((request) =>
        missing.length === 1 && missing.includes(request)
          ? { ...request, fate: 'unknown' as const }
          : request,
      ),
    })),
    views,
  )
  if (missing.length > 0 && !/damage/i.test(instance.log())) {
    found.push({
      kind: 'damaged',
      where: 'log',
      count: 1,
      first: `nothing was reported of ${flipped}`,
    })
  }
  return found
}

function isMissing(source: SourceEvidence, request: SourceEvidence['requests'][number]): boolean {
  const { producer, from, count, fate } = request
  const isThere = (rows: SourceEvidence['stored']): boolean =>
    (rows.get(producer) ?? []).some((seq) => seq >= from && seq < from + count)
  return fate === 'acknowledged' && !isThere(source.stored) && !isThere(source.quarantined)
}

function flipOne(logDir: string, random: Random): string {
  const name =
    readdirSync(logDir)
      .filter((each) => each.endsWith('.log'))
      .sort()
      .at(-1) ?? ''
  const path = join(logDir, name)
  const bytes = readFileSync(path)
  let end = statSync(path).size
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  const [at, bit] = [random.below(end), random.below(8)]
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  byte[0] = (byte[0] ?? 0) ^ (1 << bit)
  writeSync(file, byte, 0, 1, at)
  closeSync(file)
  return `bit ${bit} of byte ${at} in ${name}`
}
