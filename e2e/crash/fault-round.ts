// A disk that fails while the product runs on it: full, slow, refusing to sync, read-only. What was acknowledged stays, what cannot be
// stored is refused with 503 or 507, queries go on, and everything works again by itself once the disk does.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createCaller } from '../support/http.ts'
import type { Violation } from './checker.ts'
import { mountFaults, type FaultFileSystem } from './fault-file-system.ts'
import { startLoad, type Load } from './producers.ts'
import type { Random } from './random.ts'
import { recovered } from './recovery.ts'
import {
  beginRound,
  closeRound,
  judge,
  RECOVERY_LIMIT_MS,
  stuck,
  type Round,
  type RoundPlace,
  type RoundResult,
} from './round.ts'

export interface FaultRoundOptions {
  readonly faults: number
  readonly paceMs: number
  readonly importShare?: number
  readonly onFault?: (done: number) => void
  /** Names of the faults to draw from; default all. */
  readonly only?: readonly string[]
}

interface DiskFault {
  readonly name: string
  readonly rules: readonly string[]
  /** Whether queries must be answered meanwhile. */
  readonly readsWork: boolean
  /** Whether a main process that ends of it is started again by us, as an operator's service manager would. */
  readonly mayEndMain: boolean
}

const EIO = 5
const EROFS = 30

const FAULTS: readonly ((random: Random) => DiskFault)[] = [
  (random) => full('disk full: everything', '*', random),
  (random) => full('disk full: log', '/data/log/*', random),
  (random) => full('disk full: engine', '/data/engine/*', random),
  (random) => full('disk full: spool', '/data/spool/*', random),
  (random) => full('disk full: catalog', '/data/postgres/*', random),
  () => fault('EIO on fsync: log', [`sync errno ${EIO} /data/log/*`]),
  () => fault('EIO on fsync: engine', [`sync errno ${EIO} /data/engine/*`]),
  () => fault('EIO on fsync: catalog', [`sync errno ${EIO} /data/postgres/*`]),
  () => fault('EIO on write: log', [`change errno ${EIO} /data/log/*`]),
  (random) => fault('slow fsync: everything', [`sync delay ${random.between(100, 1_000)} *`]),
  (random) => fault('slow fsync: log', [`sync delay ${random.between(500, 5_000)} /data/log/*`]),
  () => fault('read-only', [`change errno ${EROFS} *`]),
]

export async function runFaultRound(
  place: RoundPlace,
  random: Random,
  options: FaultRoundOptions,
): Promise<RoundResult> {
  const counts: Record<string, number> = {}
  const recoveryMs: number[] = []
  const drawn: DiskFault[] = []
  const violations: Violation[] = []
  const faults = await mountFaults(
    join(place.folder, 'disk'),
    '/dev/null',
    join(place.folder, 'mount'),
  )
  let round: Round | null = null
  let load: Load | null = null
  try {
    round = await beginRound(place, join(faults.mount, 'data'))
    load = startLoad(round.instance, round.ledger, random.fork('load'), {
      paceMs: options.paceMs,
      ...(options.importShare !== undefined && { importShare: options.importShare }),
    })
    for (let done = 1; done <= options.faults; done += 1) {
      const each = drawFault(random, options.only ?? null)
      drawn.push(each)
      counts[each.name] = (counts[each.name] ?? 0) + 1
      violations.push(
        ...(await suffer({ round, faults, load }, each, random.between(1_000, 4_000))),
      )
      recoveryMs.push(await recovered(load, RECOVERY_LIMIT_MS))
      options.onFault?.(done)
    }
    await load.stop()
    violations.push(...(await judge(round, load)))
  } catch (err) {
    violations.push(stuck(err))
  }
  for (const [answer, count] of load?.answers ?? []) counts[`answered ${answer}`] = count
  await round?.instance.end()
  await load?.stop()
  await faults.unmount()
  closeRound(place, round, violations, drawn)
  const events = {
    acknowledged: round?.ledger.events('acknowledged') ?? 0,
    unknown: round?.ledger.events('unknown') ?? 0,
  }
  return { violations, events, counts, recoveryMs }
}

interface Suffering {
  readonly round: Round
  readonly faults: FaultFileSystem
  readonly load: Load
}

/** One fault for a while. */
async function suffer(
  { round, faults }: Suffering,
  each: DiskFault,
  forMs: number,
): Promise<Violation[]> {
  for (const rule of each.rules) faults.rule(rule)
  await pause(forMs)
  const found = each.readsWork ? await tryReading(round, each) : []
  faults.clearRules()
  if (!isAlive(round.instance.pid())) {
    // The service manager's part.
    await round.instance.gone()
    await round.instance.restart()
    if (!each.mayEndMain)
      found.push({ kind: 'stuck', where: 'main', count: 1, first: `ended of: ${each.name}` })
  }
  return found
}

/** A query while the disk fails. */
async function tryReading({ instance }: Round, { name }: DiskFault): Promise<Violation[]> {
  const admin = createCaller(instance.url(), instance.token())
  try {
    await admin.sql('SELECT count() AS events FROM logs_1')
    return []
  } catch (err) {
    const first = `no query is answered while: ${name}: ${err instanceof Error ? err.message : String(err)}`
    return [{ kind: 'stuck', where: 'queries', count: 1, first }]
  }
}

function drawFault(random: Random, only: readonly string[] | null): DiskFault {
  for (;;) {
    const drawn = random.pick(FAULTS)(random)
    if (only === null || only.includes(drawn.name)) return drawn
  }
}

function full(name: string, pattern: string, random: Random): DiskFault {
  // Some bytes still fit: the last write is short.
  return {
    ...fault(name, [`change quota ${random.between(0, 100_000)} ${pattern}`]),
    readsWork: pattern.startsWith('/data/log'),
  }
}

function fault(name: string, rules: readonly string[]): DiskFault {
  return {
    name,
    rules,
    readsWork: rules.every((rule) => rule.endsWith('/data/log/*')),
    mayEndMain: false,
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
