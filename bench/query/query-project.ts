// What the ladders of queries read: events summed by minute and page, an endpoint over the sums, and one that is expensive.
import { PROJECT } from '../ingest/bench-project.ts'

/** Minutes that `fill` fills; from 2026-11-01 00:00:00. */
const MINUTES = 1_440
const PAGES = 120
const BEGIN = Date.UTC(2026, 10, 1)

/** Datafiles by name. */
export const QUERY_PROJECT: Readonly<Record<string, string>> = {
  ...PROJECT,
  'top_pages.pipe': `NODE filtered
SQL >
    %
    SELECT page, views, load_ms
    FROM by_minute
    WHERE minute >= {{DateTime(start)}} AND minute < {{DateTime(end)}}

NODE top
SQL >
    SELECT page, countMerge(views) AS views, round(avgMerge(load_ms), 1) AS load_ms
    FROM filtered
    GROUP BY page
    ORDER BY views DESC, page
    LIMIT 10

TYPE endpoint
`,
  'one.pipe': `NODE one
SQL >
    SELECT 1 AS one

TYPE endpoint
`,
  'heavy.pipe': `NODE heavy
SQL >
    %
    SELECT count() AS c, uniqExact(concat(toString(x), user_agent)) AS u
    FROM (SELECT cityHash64(number, {{Int32(seed, 1)}}) AS x, repeat('x', 100) AS user_agent FROM numbers(4000000))

TYPE endpoint
`,
}

/** An hour of the filled day. @param n which one, wrapping. */
export function hourOf(n: number): { readonly start: string; readonly end: string } {
  const at = BEGIN + ((n * 37) % (MINUTES - 60)) * 60_000
  return { start: written(at), end: written(at + 3_600_000) }
}

/** What the endpoint `top_pages` compiles to, over the table as the engine calls it. */
export function straightSql(table: string, n: number): string {
  const { start, end } = hourOf(n)
  return `SELECT page, countMerge(views) AS views, round(avgMerge(load_ms), 1) AS load_ms FROM (SELECT page, views, load_ms FROM ${table} WHERE minute >= toDateTime('${start}') AND minute < toDateTime('${end}')) GROUP BY page ORDER BY views DESC, page LIMIT 10`
}

/** Fills the target of the view with 172,800 rows; gives its name in the engine. @param sql asks the engine. */
export async function fill(sql: (text: string) => Promise<string>): Promise<string> {
  const [table = ''] = (
    await sql(
      "SELECT concat(database, '.', table) FROM system.columns WHERE name = 'views' AND type LIKE 'Aggregate%' AND database LIKE 'ws\\\\_%' AND table NOT LIKE '%\\\\_view' AND table NOT LIKE '%quarantine' FORMAT TSV",
    )
  ).split('\n')
  if (table === '') throw new Error('the target of the view was not found')
  await sql(
    `INSERT INTO ${table} (minute, page, views, load_ms)
     SELECT toDateTime('${written(BEGIN)}') + intDiv(number, ${PAGES}) * 60 AS minute, concat('/page/', toString(number % ${PAGES})) AS page,
       arrayReduce('countState', range(1 + cityHash64(number) % 20)), arrayReduce('avgState', [toUInt32(cityHash64(number) % 4000)])
     FROM numbers(${MINUTES * PAGES})`,
  )
  return table
}

function written(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
}
