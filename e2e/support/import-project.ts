// Events, a view of them by day, a view of that by month: what imports are tried on.

const EVENTS = `SCHEMA >
    at DateTime \`json:$.at\`,
    id UInt64 \`json:$.meta.id\`,
    who Nullable(String) \`json:$.who\`,
    tags Array(String) \`json:$.tags[:]\`

ENGINE MergeTree
ENGINE_PARTITION_KEY toYYYYMM(at)
ENGINE_SORTING_KEY id
TOKEN app APPEND
`
const DAILY = `SCHEMA >
    day Date,
    hits AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_PARTITION_KEY toYYYYMM(day)
ENGINE_SORTING_KEY day
`
const TO_DAILY = `NODE days
SQL >
    SELECT toDate(at) AS day, countState() AS hits FROM events GROUP BY day

TYPE materialized
DATASOURCE daily
`
const MONTHS = `SCHEMA >
    month Date,
    days AggregateFunction(uniq, Date)

ENGINE AggregatingMergeTree
ENGINE_PARTITION_KEY toYYYYMM(month)
ENGINE_SORTING_KEY month
`
const TO_MONTHS = `NODE months
SQL >
    SELECT toStartOfMonth(day) AS month, uniqState(day) AS days FROM daily GROUP BY month

TYPE materialized
DATASOURCE months
`

/** The project's files. */
export const IMPORT_PROJECT: Readonly<Record<string, string>> = {
  ...{ 'events.datasource': EVENTS, 'daily.datasource': DAILY, 'to_daily.pipe': TO_DAILY },
  ...{ 'months.datasource': MONTHS, 'to_months.pipe': TO_MONTHS },
}

/** Events of November 2026, spread over so many days. */
export function ndjson(count: number, days: number): string {
  return Array.from({ length: count }, (_, id) => `${JSON.stringify(event(id, days))}\n`).join('')
}

function event(id: number, days: number): object {
  const day = String(1 + (id % days)).padStart(2, '0')
  return { at: `2026-11-${day} 10:00:00`, meta: { id }, who: `u${id}`, tags: ['a', 'b'] }
}
