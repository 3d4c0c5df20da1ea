// Power cuts. One run of the product is recorded on faultfs, with a mark behind each acknowledgement; then states that a cut at many
// moments of it may have left are computed and started, each judged by what had been acknowledged when it happened: log, engine and
// catalog together. The next recording may begin in one of these states, so that recoveries are cut off too.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Violation } from './checker.ts'
import { copyTree } from './copy-tree.ts'
import { createDiskModel, type DiskModel, type Survival } from './disk-model.ts'
import { mountFaults, type FaultFileSystem } from './fault-file-system.ts'
import { startInstance, type Instance } from './instance.ts'
import { readJournal, type JournalRecord } from './journal.ts'
import { killNow } from './kills.ts'
import { createLedger, type KeyedRequest, type Ledger } from './ledger.ts'
import { startLoad, type Load } from './producers.ts'
import type { Random } from './random.ts'
import { recovered } from './recovery.ts'
import {
  closeRound,
  deploy,
  judge,
  RECOVERY_LIMIT_MS,
  stuck,
  type RoundPlace,
  type RoundResult,
} from './round.ts'

export interface PowerRoundOptions {
  /** States to start, from one recording. */
  readonly cuts: number
  readonly recordMs: number
  readonly paceMs: number
  /** Recordings, each but the first beginning where the one before was cut off; default 2. */
  readonly lives?: number
  /** Kills in each recording, at least; default 2. */
  readonly killsMin?: number
  /** How much of the load is imports; default 0.003. */
  readonly importShare?: number
  /** What to draw from; default SURVIVALS. */
  readonly survivals?: readonly Survival[]
  readonly onCut?: (done: number) => void
}

/** Below these, names are durable in the order of their changes: what Postgres and ClickHouse rely on. */
const ORDERED = ['/data/postgres', '/data/engine']
const SURVIVALS: readonly Survival[] = [
  'none',
  'none',
  'all',
  'prefix',
  'pieces',
  'torn',
  'mixed',
  'mixed',
]
/** Producers of each life have numbers of their own. */
const LIFE_PRODUCERS = 1_000
/** Far above the numbers of the recording's producers. */
const SECOND_LIFE = 100_000

interface Recording {
  /** What the disk held at its beginning. */
  readonly start: string
  /** Requests of the lives before: their fate is settled. */
  readonly inherited: number
  readonly records: readonly JournalRecord[]
  readonly ledger: Ledger
  /** Index of the record from which on cuts are made. */
  readonly from: number
}

interface Cut {
  readonly at: number
  readonly survival: Survival
}

export async function runPowerRound(
  place: RoundPlace,
  random: Random,
  options: PowerRoundOptions,
): Promise<RoundResult> {
  const judged: Judged = { counts: {}, recoveryMs: [], violations: [], failed: [], done: 0 }
  let ledger: Ledger | null = null
  mkdirSync(place.folder, { recursive: true })
  try {
    let before: Ledger | null = null
    const lives = Math.min(options.lives ?? 2, options.cuts)
    for (let life = 0; life < lives; life += 1) {
      const cuts = Math.floor((options.cuts + life) / lives)
      const recording = await record({ place, life, before }, random, options)
      ledger = recording.ledger
      before = await cutLife({ place, life, recording, judged }, random, { ...options, cuts })
    }
  } catch (err) {
    judged.violations.push(stuck(err))
  }
  const { counts, recoveryMs, violations, failed } = judged
  closeRound(place, null, violations, failed)
  const events = {
    acknowledged: ledger?.events('acknowledged') ?? 0,
    unknown: ledger?.events('unknown') ?? 0,
  }
  return { violations, events, counts, recoveryMs }
}

interface Judged {
  readonly counts: Record<string, number>
  readonly recoveryMs: number[]
  readonly violations: Violation[]
  readonly failed: Cut[]
  done: number
}

/** Starts the states of one recording and leaves one for the next life. @returns what that one owes. */
async function cutLife(
  {
    place,
    life,
    recording,
    judged,
  }: { place: RoundPlace; life: number; recording: Recording; judged: Judged },
  random: Random,
  options: PowerRoundOptions,
): Promise<Ledger> {
  const model = createDiskModel(recording.start, ORDERED)
  let applied = 0
  for (const cut of chooseCuts(recording, random, options)) {
    for (; applied < cut.at; applied += 1) model.apply(recording.records[applied] ?? endOfRecords())
    const name = `power cut${life === 0 ? '' : ' after a power cut'}, ${cut.survival}`
    judged.counts[name] = (judged.counts[name] ?? 0) + 1
    const state = { cut, index: judged.done, model, recording }
    const result = await tryCut(place, state, random.fork(`cut ${judged.done}`))
    judged.recoveryMs.push(...result.recoveryMs)
    if (result.violations.length > 0) judged.failed.push(cut)
    judged.violations.push(...result.violations)
    judged.done += 1
    options.onCut?.(judged.done)
  }
  model.materialize(join(place.folder, `disk-${life + 1}`), random.pick(SURVIVALS), random)
  return ledgerAt(recording, applied)
}

interface Life {
  readonly place: RoundPlace
  /** Counts from 0. */
  readonly life: number
  /** What is owed by the life that this one goes on from; null: it is the first. */
  readonly before: Ledger | null
}

/** Runs the product on faultfs under load, with kills. */
async function record(
  { place, life, before }: Life,
  random: Random,
  options: PowerRoundOptions,
): Promise<Recording> {
  const named = (name: string): string => join(place.folder, `${name}-${life}`)
  const [disk, start] = [named('disk'), named('start')]
  const isFirstStart = before === null && random.chance(0.2)
  if (before === null) mkdirSync(join(disk, 'data'), { recursive: true })
  if (before === null && !isFirstStart) await prepare(place, join(disk, 'data'))
  copyTree(disk, start)
  const faults = await mountFaults(disk, named('journal'), named('mount'))
  const ledger = before ?? createLedger()
  const inherited = ledger.requests()
  try {
    const firstProducer = life * LIFE_PRODUCERS
    await recordLoad(place, { faults, ledger, isFirstStart, firstProducer }, random, options)
  } finally {
    await faults.unmount()
  }
  const records = readJournal(faults.journal)
  const ready = records.findIndex((each) => each.kind === 'mark' && each.text === 'ready')
  return { records, ledger, start, inherited, from: isFirstStart ? ready : 0 }
}

async function prepare(place: RoundPlace, dataDir: string): Promise<void> {
  const instance = await startInstance({ dataDir, program: place.program })
  await deploy(instance)
  await instance.stop()
}

interface RecordedLoad {
  readonly faults: FaultFileSystem
  readonly ledger: Ledger
  readonly isFirstStart: boolean
  readonly firstProducer: number
}

async function recordLoad(
  place: RoundPlace,
  { faults, ledger, isFirstStart, firstProducer }: RecordedLoad,
  random: Random,
  options: PowerRoundOptions,
): Promise<void> {
  // Real disks take their time: what is written during a sync is not covered by it.
  faults.rule(`sync delay ${random.between(0, 3)} *`)
  const instance = await startInstance({
    dataDir: join(faults.mount, 'data'),
    program: place.program,
  })
  let load: Load | null = null
  try {
    if (isFirstStart) await deploy(instance)
    faults.mark('ready')
    load = startLoad(instance, ledger, random.fork('load'), {
      paceMs: options.paceMs,
      firstProducer,
      importShare: options.importShare ?? 0.003,
      acknowledged: ({ id }) => faults.mark(`acknowledged ${id}`),
    })
    const until = performance.now() + options.recordMs
    // By what was done, not by time alone: on a busy machine too, something has been loaded before each kill.
    for (let kills = 0; kills < (options.killsMin ?? 2) || performance.now() < until; kills += 1) {
      await recovered(load, RECOVERY_LIMIT_MS)
      await pause(random.between(200, 1_500))
      killNow(instance, random.pick(['writer', 'engine', 'engine and writer', 'backend']))
    }
    await recovered(load, RECOVERY_LIMIT_MS)
  } finally {
    await instance.end()
    await load?.stop()
    faults.flush()
  }
}

/** Moments of a recording, in order: many just behind an acknowledgement or before the end of a sync, the others anywhere. */
function chooseCuts(
  { records, from }: Recording,
  random: Random,
  { cuts, survivals = SURVIVALS }: PowerRoundOptions,
): Cut[] {
  const indexes = (wanted: (record: JournalRecord) => boolean): number[] =>
    records.flatMap((record, index) => (index >= from && wanted(record) ? [index] : []))
  const acknowledged = indexes((record) => record.kind === 'mark')
  const syncs = indexes((record) => record.kind === 'sync end')
  const names = indexes(
    (record) => record.kind === 'rename' || record.kind === 'unlink' || record.kind === 'mkdir',
  )
  const at = (): number => {
    const where = random.next()
    if (where < 0.4) return random.pick(acknowledged) + 1
    if (where < 0.6) return random.pick(syncs)
    if (where < 0.8) return random.pick(names) + 1
    return random.between(from, records.length)
  }
  return Array.from({ length: cuts }, () => ({ at: at(), survival: random.pick(survivals) })).sort(
    (a, b) => a.at - b.at,
  )
}

interface CutState {
  readonly cut: Cut
  readonly index: number
  readonly model: DiskModel
  readonly recording: Recording
}

/** Starts the product on one state, sends it more, and judges. */
async function tryCut(
  place: RoundPlace,
  { cut, index, model, recording }: CutState,
  random: Random,
): Promise<{ violations: Violation[]; recoveryMs: number[] }> {
  const folder = join(place.folder, `cut-${index}`)
  model.materialize(folder, cut.survival, random)
  const ledger = ledgerAt(recording, cut.at)
  const dataDir = join(folder, 'data')
  let instance: Instance | null = null
  let load: Load | null = null
  try {
    const since = performance.now()
    instance = await startInstance({ dataDir, program: place.program })
    load = startLoad(instance, ledger, random.fork('load'), {
      paceMs: 100,
      firstProducer: SECOND_LIFE,
      importShare: 0,
    })
    await recovered(load, RECOVERY_LIMIT_MS)
    const recoveryMs = [performance.now() - since]
    for (const request of keyedSample(recording.ledger, random)) await load.repeat(request)
    await load.stop()
    const violations = await judge({ instance, ledger }, load)
    await instance.end()
    if (violations.length === 0) rmSync(folder, { recursive: true, force: true })
    return { violations, recoveryMs }
  } catch (err) {
    if (instance !== null) await instance.end()
    await load?.stop()
    return { violations: [stuck(err)], recoveryMs: [] }
  }
}

/** Requests whose clients try again after the cut, whether they had their answer or not. */
function keyedSample(ledger: Ledger, random: Random): KeyedRequest[] {
  const keyed = ledger.keyed()
  return keyed.length === 0 ? [] : Array.from({ length: 20 }, () => random.pick(keyed))
}

/** What had been acknowledged at a moment; all else is unknown. */
function ledgerAt({ records, ledger, inherited }: Recording, at: number): Ledger {
  const acknowledged = new Set(Array.from({ length: inherited }, (_, index) => index + 1))
  for (const record of records.slice(0, at)) {
    const id = record.kind === 'mark' ? /^acknowledged (\d+)$/.exec(record.text)?.[1] : undefined
    if (id !== undefined) acknowledged.add(Number(id))
  }
  return ledger.copy((entry) =>
    entry.fate() === 'acknowledged' && !acknowledged.has(entry.id) ? 'unknown' : entry.fate(),
  )
}

function endOfRecords(): never {
  throw new Error('a cut lies behind the end of its recording')
}
