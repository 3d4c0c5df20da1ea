// The writer: reads the log, batches, loads every target exactly once, confirms. It alone inserts into data sources.
// Promises: a frame counts as loaded only after every target has it; what is in doubt is compared and repaired, never just retried.
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { databaseName } from '@sandpiper/deployment'
import type { EventLogReader, WriterLink } from '@sandpiper/eventlog'
import type { Logger, OpsLog } from '@sandpiper/telemetry'
import { readAttemptState } from './batch.ts'
import type { BatchLimits } from './batcher.ts'
import type { Counters } from './counters.ts'
import { type DrainDeps, drainSource } from './drain-source.ts'
import { createIntake, type Intake } from './intake.ts'
import { createLaneGate, type LaneGate } from './lane-gate.ts'
import type { LoadStep } from './load-batch.ts'
import { type BudgetLimits, createLoadBudget } from './load-budget.ts'
import { createLogKeeper } from './log-keeper.ts'
import type { MissingViews } from './missing-views.ts'
import { readFrom } from './progress.ts'
import { dropScratches } from './scratch.ts'
import { createSources, sharedRef, type Source, type Sources } from './source.ts'
import type { Spool } from './spool.ts'
import { createTopologies, type Topologies } from './topology.ts'
import { createTurns, type Turns } from './turns.ts'

/** What the writer works with. */
export interface WriterDeps {
  readonly link: WriterLink
  readonly reader: EventLogReader
  readonly catalog: Pick<Catalog, 'writerState' | 'beginBatch' | 'confirmBatch' | 'schema'>
  readonly clickhouse: ClickHouse
  readonly spool: Spool
  readonly missing: MissingViews
  readonly counters: Counters
  readonly logger: Logger
  readonly ops: OpsLog
  /** Unix milliseconds. */
  readonly now: () => number
  /** Between 0 and 1. */
  readonly random: () => number
  readonly newId: () => string
  readonly reached: (step: LoadStep) => void
}

export interface WriterOptions {
  readonly batch: BatchLimits
  readonly budget: BudgetLimits
}

export interface Writer {
  /** Starts no further batch; resolves when none is in flight, or after `waitMaxMs`. What is cut off is found in doubt at the next start. */
  stop(waitMaxMs: number): Promise<void>
  /** What was read from the log and is not loaded yet. */
  waiting(): { readonly frames: number; readonly sources: number; readonly seconds: number }
}

const BACK_OFF_MS = 100
const BACK_OFF_MS_MAX = 5_000

/** Starts the writer; resolves when it follows the log. */
export async function startWriter(deps: WriterDeps, options: WriterOptions): Promise<Writer> {
  const state = await deps.catalog.writerState()
  // Before anything else: a statement of a former life that was sent but not started finds no file and does nothing.
  await deps.spool.clean()
  await dropScratches(deps.clickhouse).catch((err: unknown) => {
    deps.logger.warn({ err }, 'scratch databases of a former life stay until the next start')
  })

  const stopping = new AbortController()
  const parts = createParts(deps, options, state, stopping.signal)
  const { drain, intake, turns } = parts
  holdOpenBatches(deps, parts, state)
  // Whoever waits may have waited since before this process: what is confirmed is told again.
  for (const { dataSourceId, loadedUpTo } of state.progress) {
    deps.link.publishLoaded(dataSourceId, loadedUpTo, { kind: 'loaded' })
  }
  deps.link.onRelease((workspaceId) => {
    const database = databaseName(workspaceId)
    parts.topologies.forget(database)
    turns.release(workspaceId)
    void forgetGoneViews(deps, parts.topologies, database)
    for (const source of parts.sources.ofWorkspace(workspaceId)) drain(source)
  })
  deps.link.onTurn((workspaceId) => turns.hold(workspaceId))
  void intake.follow()

  return {
    waiting: () => waitingIn(parts.sources, deps.now()),
    async stop(waitMaxMs) {
      stopping.abort()
      await Promise.race([turns.idle(), new Promise((resolve) => setTimeout(resolve, waitMaxMs))])
    },
  }
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

type State = Awaited<ReturnType<Catalog['writerState']>>

interface Parts {
  readonly sources: Sources
  readonly turns: Turns
  readonly topologies: Topologies
  readonly gate: LaneGate
  readonly intake: Intake
  readonly drain: (source: Source) => void
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
  const sleep = (ms: number): Promise<void> => sleepUnless(signal, ms)
  const drain = (source: Source): void => void drainSource(drainDeps, source)
  const intake = followLog(deps, sources, state.readFrom, signal, drain)
  const keeper = createLogKeeper(deps, sources)
  const shared = {
    sources,
    turns: createTurns(),
    topologies: createTopologies(deps.clickhouse),
    gate: createLaneGate(),
  }
  const drainDeps: DrainDeps = {
    ...deps,
    ...shared,
    sleep,
    limits: options.batch,
    budget: createLoadBudget(options.budget, {
      now: deps.now,
      after: (ms, run) => void setTimeout(run, ms),
    }),
    scannedTo: () => intake.scannedTo(),
    isStopping: () => signal.aborted,
    backOff(failures) {
      const ms = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS * 2 ** Math.min(failures, 10))
      return sleep(ms * (0.5 + deps.random() / 2))
    },
    readOn(source) {
      intake.readOn(source)
      keeper.confirmed(intake.scannedTo())
    },
  }
  return { ...shared, intake, drain }
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
    },
    from,
    signal,
  )
  return intake
}

/** Batches of a former life count as in flight and have their targets until they are settled: nobody gets a turn or loads there before. */
function holdOpenBatches(deps: WriterDeps, { sources, turns, gate }: Parts, state: State): void {
  for (const { dataSourceId, fromSequence, toSequence, state: document } of state.openBatches) {
    const doubt = readAttemptState(document)
    if (doubt === null) continue
    const source = sources.get(dataSourceId, doubt.workspaceId)
    const database = databaseName(doubt.workspaceId)
    const targets = Object.keys(doubt.attempt.before).map((table) => `${database}.${table}`)
    const lane = gate.claim([...targets, dataSourceId])
    source.open = { fromSequence, toSequence, attempt: doubt.attempt, lane }
    turns.begin(doubt.workspaceId)
    deps.counters.doubts += 1
    const about = { dataSourceId, fromSequence, toSequence }
    deps.logger.warn(about, 'a batch of a former life is in doubt')
  }
}

async function forgetGoneViews(
  deps: WriterDeps,
  topologies: Topologies,
  database: string,
): Promise<void> {
  try {
    const { views } = await topologies.get(database)
    const gone = await deps.missing.forgetGone(database, (view) => views.has(view))
    if (gone > 0) deps.logger.info({ database, gone }, 'missing batches of removed views forgotten')
  } catch (err) {
    deps.logger.warn({ err }, 'missing batches could not be looked through')
  }
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
