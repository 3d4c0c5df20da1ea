import { parseDatafile, type Datafile } from '@sandpiper/datafile'

import type { DeploymentMap } from './deployment-map.ts'
import { planDeployment } from './plan-deployment.ts'
import type { PlanInput } from './plan-context.ts'
import type { DeploymentPlan } from './plan.ts'

/** Files by name, as a test writes them. */
export type ProjectText = Readonly<Record<string, string>>

const NOW = '2026-11-21T12:00:00.000Z'

/** Parses a project; a file that does not parse fails the test. */
export function parsed(project: ProjectText): Datafile[] {
  return Object.entries(project).map(([filename, text]) => {
    const { file, errors } = parseDatafile(text, { filename })
    if (file === null)
      throw new Error(`${filename}: ${errors.map((each) => each.message).join('; ')}`)
    return file
  })
}

/** Ids that count up: `t_000...01`. */
function counter(start = 0): () => string {
  let count = start
  return () => `t_${(++count).toString(16).padStart(32, '0')}`
}

/** Plans a project over a live map, as a deploy without leave to destroy unless told otherwise. */
export function plan(
  live: DeploymentMap,
  project: ProjectText,
  changes: Partial<PlanInput> = {},
): DeploymentPlan {
  return planDeployment({
    live,
    files: parsed(project),
    mode: 'deploy',
    allowDestructive: false,
    newId: counter(Object.keys(live.dataSources).length * 1000),
    now: NOW,
    ...changes,
  })
}

/** Events, a materialization to daily counts, and one from those to monthly counts. */
export const PROJECT: ProjectText = {
  'events.datasource': `SCHEMA >
    at DateTime \`json:$.at\`,
    path String \`json:$.path\`

ENGINE MergeTree
ENGINE_SORTING_KEY at
`,
  'daily.datasource': `SCHEMA >
    day Date,
    hits AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY day
`,
  'monthly.datasource': `SCHEMA >
    month Date,
    hits AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY month
`,
  'to_daily.pipe': `NODE all_events
SQL >
    SELECT at FROM events

NODE days
SQL >
    SELECT toDate(at) AS day, countState() AS hits FROM all_events GROUP BY day

TYPE materialized
DATASOURCE daily
`,
  'to_monthly.pipe': `NODE months
SQL >
    SELECT toStartOfMonth(day) AS month, countMergeState(hits) AS hits FROM daily GROUP BY month

TYPE materialized
DATASOURCE monthly
`,
  'top.pipe': `TOKEN reader READ

NODE endpoint
SQL >
    %
    SELECT path, count() AS hits FROM events WHERE path = {{String(path, '/')}} GROUP BY path

TYPE endpoint
`,
}
