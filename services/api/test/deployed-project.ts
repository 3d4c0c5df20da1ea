// A project and what its tests do with it.
import type { Workspace } from './start-deployment-api.ts'
import { deploySchema } from '@sandpiper/contracts'
import { expect } from 'vitest'

/** Files by name. */
export type Project = Readonly<Record<string, string>>

/** Events, daily sums by a materialization, an endpoint. */
export const PROJECT: Project = {
  'events.datasource': `SCHEMA >
    at DateTime \`json:$.at\`,
    path String \`json:$.path\`,
    n UInt32 \`json:$.n\` DEFAULT 1

ENGINE MergeTree
ENGINE_SORTING_KEY at
TOKEN app APPEND
`,
  'daily.datasource': `SCHEMA >
    day Date,
    hits AggregateFunction(sum, UInt64)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY day
`,
  'to_daily.pipe': `NODE days
SQL >
    SELECT toDate(at) AS day, sumState(toUInt64(n)) AS hits FROM events GROUP BY day

TYPE materialized
DATASOURCE daily
`,
  'top.pipe': `TOKEN app READ

NODE endpoint
SQL >
    %
    SELECT path, count() AS hits FROM events WHERE n >= {{Int32(least, 0)}} GROUP BY path ORDER BY path

TYPE endpoint
`,
}

const DAILY = 'SELECT toString(sumMerge(hits)) AS hits FROM {daily}'

/** The project with one text replaced in one file. */
export function edited(file: string, from: string, to: string, base: Project = PROJECT): Project {
  expect(base[file]).toContain(from)
  return { ...base, [file]: base[file]!.replace(from, to) }
}

/** Rows of events, n = 2 each. */
export const events = (
  count: number,
  more: Record<string, unknown> = {},
): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, index) => ({
    at: '2026-11-21 10:00:00',
    path: `/${index % 3}`,
    n: 2,
    ...more,
  }))

/** Deploys and expects success; gives the deployment's id. */
export async function deploy(
  workspace: Workspace,
  project: Project,
  query = 'auto_promote=true',
): Promise<string> {
  const body = deploySchema.parse(await workspace.project(`/v1/deploy?${query}`, project))
  expect(body).toMatchObject({ result: 'success' })
  return body.deployment!.id
}

/** Rows of events, and the sum of n as the materialization has it. */
export async function counts(workspace: Workspace): Promise<[unknown, unknown]> {
  const [raw] = await workspace.rows('SELECT toString(count()) AS c FROM {events}')
  const [daily] = await workspace.rows(DAILY)
  return [raw?.['c'], daily?.['hits']]
}

/** Posts batches until told to stop; gives back how many rows were acknowledged. */
export function stream(workspace: Workspace): { stop(): Promise<number> } {
  let isStopped = false
  let sent = 0
  const run = (async () => {
    let last = 0
    while (!isStopped) {
      last = await workspace.send('events', events(20))
      sent += 20
      await new Promise((resolve) => setImmediate(resolve))
    }
    await workspace.loaded('events', last)
    return sent
  })()
  return {
    async stop() {
      isStopped = true
      return run
    },
  }
}
