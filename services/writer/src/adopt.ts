// What a former life of the writer left: batches and repairs in doubt, which keep their lanes and turns until they are settled, and
// outcomes that somebody may still wait for.
import type { Catalog } from '@sandpiper/catalog'
import { databaseName } from '@sandpiper/deployment'
import type { WriterLink } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'
import { readAttemptState } from './batch.ts'
import type { Counters } from './counters.ts'
import type { LaneGate } from './lane-gate.ts'
import type { RepairState } from './repair-view.ts'
import type { OpenRepair } from './repairer.ts'
import type { Sources } from './source.ts'
import type { Turns } from './turns.ts'

export type State = Awaited<ReturnType<Catalog['writerState']>>

interface AdoptDeps {
  readonly sources: Sources
  readonly turns: Turns
  readonly gate: LaneGate
  readonly counters: Counters
  readonly logger: Logger
}

/** Batches of a former life count as in flight and have their targets until they are settled: nobody gets a turn or loads there before. */
export function holdOpenBatches(deps: AdoptDeps, state: State): void {
  for (const { dataSourceId, fromSequence, toSequence, state: document } of state.openBatches) {
    const doubt = readAttemptState(document)
    if (doubt === null) continue
    const source = deps.sources.get(dataSourceId, doubt.workspaceId)
    const database = databaseName(doubt.workspaceId)
    const targets = Object.keys(doubt.attempt.before).map((table) => `${database}.${table}`)
    const lane = deps.gate.claim([...targets, dataSourceId])
    source.open = { fromSequence, toSequence, attempt: doubt.attempt, lane }
    deps.turns.begin(doubt.workspaceId)
    deps.counters.doubts += 1
    const about = { dataSourceId, fromSequence, toSequence }
    deps.logger.warn(about, 'a batch of a former life is in doubt')
  }
}

/** The same for repairs of views. */
export function holdOpenRepairs(
  deps: AdoptDeps,
  repairs: Awaited<ReturnType<Catalog['openRepairs']>>,
): OpenRepair[] {
  return repairs.map(({ view, dataSourceId, state: document }) => {
    const state = document as RepairState
    const tables = Object.keys(state.attempt.before)
    deps.turns.begin(state.workspaceId)
    deps.counters.doubts += 1
    deps.logger.warn({ view, dataSourceId }, 'a repair of a former life is in doubt')
    return {
      key: { view, dataSourceId },
      state,
      lane: deps.gate.claim(tables.map((table) => `${state.database}.${table}`)),
    }
  })
}

/** Whoever waits may have waited since before this process: what is confirmed is told again, with what its views did not get. */
export function tellOutcomes(link: WriterLink, state: State): void {
  const failures = new Map<string, State['viewFailures']>()
  for (const each of state.viewFailures)
    failures.set(each.dataSourceId, [...(failures.get(each.dataSourceId) ?? []), each])
  for (const { dataSourceId, loadedUpTo } of state.progress) {
    for (const { fromSequence, toSequence, message } of failures.get(dataSourceId) ?? []) {
      link.publishLoaded(dataSourceId, fromSequence - 1, { kind: 'loaded' })
      link.publishLoaded(dataSourceId, toSequence, { kind: 'view_failed', message })
    }
    link.publishLoaded(dataSourceId, loadedUpTo, { kind: 'loaded' })
  }
}
