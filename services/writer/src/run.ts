// The writer: reads the log, batches, loads every target exactly once, confirms. It alone inserts into data sources.
// Promises: a frame counts as loaded only after every target has it; what is in doubt is compared and repaired, never just retried.
import { setMaxListeners } from 'node:events'
import { NotTheWriter, type WriterCatalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { databaseName } from '@sandpiper/deployment'
import type { EventLogReader, WriterLink } from '@sandpiper/eventlog'
import type { Logger, OpsLog } from '@sandpiper/telemetry'
import { holdOpenBatches, holdOpenRepairs, type State, tellOutcomes } from './adopt.ts'
import type { BatchLimits } from './batcher.ts'
import { type BlockNumbers, createBlockNumbers } from './blocks.ts'
import type { Counters } from './counters.ts'
import { type DrainDeps, drainSource } from './drain-source.ts'
import type { EngineLife } from './engine-life.ts'
import { createIntake, type Intake } from './intake.ts'
import { restBetween } from './rest-between.ts'
import { createLaneGate, type LaneGate } from './lane-gate.ts'
import { type BudgetLimits, createLoadBudget, type LoadBudget } from './load-budget.ts'
import type { LoadStep } from './load-contract.ts'
import { createLoadPace, type LoadPace, type PaceLimits } from './load-pace.ts'
import { createLogKeeper } from './log-keeper.ts'
import { readFrom } from './progress.ts'
import { type Repairer, type RepairerDeps, startRepairer } from './repairer.ts'
import { dropScratches } from './scratch.ts'
import { createSources, sharedRef, type Source, type Sources } from './source.ts'
import type { Spool } from './spool.ts'
import type { Staging } from './staging.ts'
import { createTopologies, type Topologies } from './topology.ts'
import { createTurns, type Turns } from './turns.ts'

/** What the writer works with. */
export interface WriterDeps {
  readonly link: WriterLink
  readonly reader: EventLogReader
  readonly catalog: WriterCatalog
  readonly clickhouse: ClickHouse
  readonly spool: Spool
  readonly staging: Staging
  readonly counters: Counters
  readonly logger: Logger
  readonly ops: OpsLog
  /** Unix milliseconds. */
  readonly now: () => number
  /** Between 0 and 1. */
  readonly random: () => number
  readonly newId: () => string
  /** What every id begins with, where other writers use the engine too: what they left is theirs. Default: all of it is ours. */
  readonly ours?: string
  /** What all partitions of this process share; default: there is one. */
  readonly budgets?: Budgets
  /** How a life of the engine is told. */
  readonly life: EngineLife
  readonly reached: (step: LoadStep) => void
  /** Another writer has taken over: nothing may be done any more. */
  readonly onReplaced: () => void
}

export interface WriterOptions {
  readonly batch: BatchLimits
  readonly budget: Pick<BudgetLimits, 'concurrentMax'>
  readonly pace: PaceLimits
}

export interface Writer {
  /** Starts no further batch; resolves when none is in flight, or after `waitMaxMs`. What is cut off is found in doubt at the next start. */
  stop(waitMaxMs: number): Promise<void>
  /** What was read from the log and is not loaded yet. */
  waiting(): { readonly frames: number; readonly sources: number; readonly seconds: number }
}

const BACK_OFF_MS = 100
const BACK_OFF_MS_MAX = 5_000
/** Placements and repairs, which may take minutes, at once; and how many begin per second. */
/** How often block numbers are read at most while loads wait for their turn: one statement tells about all that have been loaded. */
const READ_EVERY_MS = 80
const SLOW_LOADS = { concurrentMax: 2, perSecondMax: 20 }

/** Starts the writer; resolves when it follows the log. */
export async function startWriter(deps: WriterDeps, options: WriterOptions): Promise<Writer> {
  await deps.catalog.becomeWriter(deps.newId())
  const state = await deps.catalog.writerState()
  const repairs = await deps.catalog.openRepairs()
  // Before anything else: a statement of a former life that was sent but not started finds no file and does nothing.
  await deps.spool.clean()
  await cleanEngine(deps).catch((err: unknown) => {
    deps.logger.warn({ err }, 'what a former life left in the engine stays until the next start')
  })

  const stopping = new AbortController()
  // As many data sources as there are may sleep at once.
  setMaxListeners(0, stopping.signal)
  const parts = createParts(deps, options, state, stopping.signal)
  const { drain, intake, turns } = parts
  holdOpenBatches({ ...deps, ...parts }, state)
  const openRepairs = holdOpenRepairs({ ...deps, ...parts }, repairs)
  tellOutcomes(deps.link, state)
  parts.repairing.repairer = startRepairer(parts.repairerDeps, openRepairs)
  deps.link.onRelease((workspaceId) => {
    const database = databaseName(workspaceId)
    parts.topologies.forget(database)
    parts.blocks.forget(database)
    turns.release(workspaceId)
    parts.repairing.repairer?.wake(workspaceId)
    for (const source of parts.sources.ofWorkspace(workspaceId)) drain(source)
  })
  deps.link.onTurn((workspaceId) => turns.hold(workspaceId))
  void intake.follow()

  return {
    waiting: () => waitingIn(parts.sources, deps.now()),
    async stop(waitMaxMs) {
      stopping.abort()
      parts.repairing.repairer?.stop()
      await Promise.race([turns.idle(), new Promise((resolve) => setTimeout(resolve, waitMaxMs))])
    },
  }
}

async function cleanEngine({ clickhouse, staging, ours }: WriterDeps): Promise<void> {
  await staging.clean(ours)
  await dropScratches(clickhouse, ours)
}

function waitingIn(sources: Sources, nowMs: number): ReturnType<Writer['waiting']> {
  const all = [...sources.all()].map(({ queue }) => queue.waiting())
  const waiting = all.filter(({ frames }) => frames > 0)
  return {
    frames: waiting.reduce((sum, { frames }) => sum + frames, 0),
    sources: waiting.length,
    seconds: Math.max(0, ...waiting.map(({ sinceMs }) => nowMs - sinceMs)) / 1000,
  }
}

interface Parts {
  readonly sources: Sources
  readonly turns: Turns
  readonly topologies: Topologies
  readonly blocks: BlockNumbers
  readonly gate: LaneGate
  readonly intake: Intake
  readonly drain: (source: Source) => void
  readonly repairerDeps: RepairerDeps
  /** Set once it runs. */
  readonly repairing: { repairer: Repairer | null }
}

function createParts(
  deps: WriterDeps,
  options: WriterOptions,
  state: State,
  signal: AbortSignal,
): Parts {
  const sources = createSources(
    new Map(state.progress.map(({ dataSourceId, loadedUpTo }) => [dataSourceId, loadedUpTo])),
  )
  const drain = (source: Source): void => void drainSource(drainDeps, source)
  const intake = followLog(deps, sources, state.readFrom, signal, drain)
  const keeper = createLogKeeper(deps, sources)
  const { pace, loads, slowLoads } = deps.budgets ?? createBudgets(deps, options)
  const repairing: Parts['repairing'] = { repairer: null }
  const shared = {
    sources,
    turns: createTurns(),
    topologies: createTopologies(deps.clickhouse),
    blocks: createBlockNumbers(
      deps.clickhouse,
      (used) => {
        pace.used(used)
      },
      restBetween(READ_EVERY_MS, {
        monotonicMs: () => performance.now(),
        sleep: (ms) => (loads.isCrowded() ? sleepUnless(signal, ms) : Promise.resolve()),
      }),
      deps.life,
    ),
    gate: createLaneGate(),
  }
  const common = {
    ...deps,
    ...shared,
    catalog: owned(deps.catalog, deps.onReplaced),
    limits: options.batch,
    sleep: (ms: number) => sleepUnless(signal, ms),
    isStopping: () => signal.aborted,
    backOff: (failures: number) => sleepUnless(signal, pauseMs(failures, deps.random())),
  }
  const drainDeps: DrainDeps = {
    ...common,
    budget: loads,
    slowBudget: slowLoads,
    scannedTo: () => intake.scannedTo(),
    lacks: (key, workspaceId) => repairing.repairer?.lacks(key, workspaceId),
    onLoaded: () => {
      pace.loaded()
    },
    readOn(source) {
      intake.readOn(source)
      keeper.confirmed(intake.scannedTo())
    },
  }
  const repairerDeps = { ...common, budget: slowLoads }
  return { ...shared, intake, drain, repairerDeps, repairing }
}

/** What loads may take of the engine together. */
export interface Budgets {
  readonly pace: LoadPace
  readonly loads: LoadBudget
  readonly slowLoads: LoadBudget
}

/** Nothing of it is used yet. */
export function createBudgets(
  deps: Pick<WriterDeps, 'now'>,
  options: Pick<WriterOptions, 'budget' | 'pace'>,
): Budgets {
  const pace = createLoadPace(options.pace, deps.now)
  const clock = {
    now: deps.now,
    after: (ms: number, run: () => void) => void setTimeout(run, ms),
  }
  const limits = {
    concurrentMax: options.budget.concurrentMax,
    get perSecondMax() {
      return pace.perSecond()
    },
  }
  return {
    pace,
    loads: createLoadBudget(limits, clock),
    slowLoads: createLoadBudget(SLOW_LOADS, clock),
  }
}

/** The catalog, telling when another writer has taken over. */
function owned(catalog: WriterCatalog, onReplaced: () => void): WriterCatalog {
  const watched = async (call: Promise<void>): Promise<void> => {
    try {
      await call
    } catch (err) {
      if (err instanceof NotTheWriter) onReplaced()
      throw err
    }
  }
  return {
    ...catalog,
    beginBatch: (record) => watched(catalog.beginBatch(record)),
    confirmBatch: (confirmation) => watched(catalog.confirmBatch(confirmation)),
    beginRepair: (repair) => watched(catalog.beginRepair(repair)),
    endRepair: (end) => watched(catalog.endRepair(end)),
  }
}

function pauseMs(failures: number, random: number): number {
  const ms = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS * 2 ** Math.min(failures, 10))
  return ms * (0.5 + random / 2)
}

function followLog(
  deps: WriterDeps,
  sources: Sources,
  from: number,
  signal: AbortSignal,
  drain: (source: Source) => void,
): Intake {
  const intake = createIntake(
    {
      link: deps.link,
      reader: deps.reader,
      onFrame(ref) {
        const source = sources.get(ref.dataSourceId, ref.workspaceId)
        if (ref.sequence <= source.loadedUpTo) return
        const isOwed = source.open !== null && ref.sequence <= source.open.toSequence
        source.queue.offer(sharedRef(source, ref), deps.now(), isOwed ? 'owed' : 'welcome')
        drain(source)
      },
      onCaughtUp() {
        for (const source of sources.all()) if (source.open !== null) drain(source)
        deps.link.publishPassed(readFrom(sources.all(), intake.scannedTo()) - 1)
      },
      onLeftOut: (source, ref) => source.queue.readOn(sharedRef(source, ref), deps.now()),
      onReadOn: drain,
      async onTrouble(err) {
        deps.logger.error({ err }, 'the event log cannot be read and is tried again')
        await sleepUnless(signal, BACK_OFF_MS_MAX)
      },
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      monotonicMs: () => performance.now(),
      sleep: (ms) => sleepUnless(signal, ms),
    },
    from,
    signal,
  )
  return intake
}

function sleepUnless(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
