// What the engine did meanwhile, by its own counters (`system.events`): the profile beside the figures of a ladder.
import type { BenchProduct } from './bench-product.ts'

type Events = ReadonlyMap<string, number>

/** The counters as they are now. */
export async function engineEvents(product: BenchProduct): Promise<Events> {
  const text = await product.engine('SELECT event, value FROM system.events FORMAT TSV')
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [event = '', value = '0'] = line.split('\t')
        return [event, Number(value)]
      }),
  )
}

/** Statements, inserts with what of them is syncing, planning, and jobs of thread pools, per second. Merges sync too. */
export function printEngineEvents(before: Events, after: Events, seconds: number): void {
  const perSecond = (...events: string[]): number =>
    events.reduce((sum, event) => sum + (after.get(event) ?? 0) - (before.get(event) ?? 0), 0) /
    seconds
  const ms = (...events: string[]): number =>
    perSecond(...events.map((event) => `${event}Microseconds`)) / 1000
  const inserts = perSecond('InsertQuery')
  const planning = ['Parse', 'Analysis', 'PlanBuild', 'PlanOptimize', 'PipelineBuild']
  console.log(
    `  engine, a second: ${perSecond('Query').toFixed(0)} statements, ${perSecond('SelectQuery').toFixed(0)} of them SELECTs and ${inserts.toFixed(1)} inserts of ${(ms('InsertQueryTime') / inserts).toFixed(1)} ms; ${perSecond('FileSync', 'DirectorySync').toFixed(0)} syncs of ${(ms('FileSyncElapsed', 'DirectorySyncElapsed') / perSecond('FileSync', 'DirectorySync')).toFixed(2)} ms; ${ms(...planning.map((step) => `Query${step}`)).toFixed(0)} ms planning; ${perSecond('LocalThreadPoolJobs').toFixed(0)} jobs of thread pools`,
  )
}
