// What most ladders load: events of about 400 bytes in ten columns, and one view that sums them by minute and page.

export const EVENTS = `SCHEMA >
    timestamp DateTime64(3) \`json:$.timestamp\`,
    session_id UUID \`json:$.session_id\`,
    action LowCardinality(String) \`json:$.action\`,
    page String \`json:$.page\`,
    country LowCardinality(String) \`json:$.country\`,
    load_ms UInt32 \`json:$.load_ms\`,
    price Float64 \`json:$.price\`,
    referrer Nullable(String) \`json:$.referrer\`,
    user_agent String \`json:$.user_agent\`,
    tags Array(String) \`json:$.tags\`

ENGINE MergeTree
ENGINE_PARTITION_KEY toYYYYMM(timestamp)
ENGINE_SORTING_KEY page, timestamp
`

/** Datafiles by name. */
export const PROJECT: Readonly<Record<string, string>> = {
  'events.datasource': EVENTS,
  'by_minute.datasource': `SCHEMA >
    minute DateTime,
    page String,
    views AggregateFunction(count),
    load_ms AggregateFunction(avg, UInt32)

ENGINE AggregatingMergeTree
ENGINE_PARTITION_KEY toYYYYMM(minute)
ENGINE_SORTING_KEY minute, page
`,
  'count_by_minute.pipe': `NODE counted
SQL >
    SELECT toStartOfMinute(timestamp) AS minute, page, countState() AS views, avgState(load_ms) AS load_ms
    FROM events
    GROUP BY minute, page

TYPE materialized
DATASOURCE by_minute
`,
}

/** An event of about 400 bytes, with its line end. @param n which one. */
export function eventLine(n: number): string {
  const second = String(n % 60).padStart(2, '0')
  return `${JSON.stringify({
    timestamp: `2026-11-21 12:${String(Math.floor(n / 60) % 60).padStart(2, '0')}:${second}.${String(n % 1000).padStart(3, '0')}`,
    session_id: `0b9d2a52-6c7e-4c38-9f0e-${String(n % 1e12).padStart(12, '0')}`,
    action: ['view', 'click', 'scroll', 'buy'][n % 4],
    page: `/products/category-${n % 50}/item-${n % 500}`,
    country: ['DE', 'ES', 'FR', 'US', 'JP'][n % 5],
    load_ms: (n * 37) % 4000,
    price: (n % 9973) / 100,
    referrer: n % 3 === 0 ? null : 'https://www.search.example/results?q=sandpiper',
    user_agent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.127 Safari/537.36 SandpiperBench',
    tags: ['bench', `t${n % 10}`],
  })}\n`
}

/** `count` events, one per line. @param kind a document is an event of about 1.2 KB. */
export function eventLines(
  from: number,
  count: number,
  kind: 'event' | 'document' = 'event',
): Buffer {
  const line = (n: number): string =>
    kind === 'event' ? eventLine(n) : eventLine(n).replace('Mozilla', `Mozilla ${more(n)}`)
  return Buffer.from(Array.from({ length: count }, (_, index) => line(from + index)).join(''))
}

/** 800 bytes that do not compress to nothing. */
function more(n: number): string {
  return Array.from({ length: 100 }, (_, index) =>
    ((n * 7919 + index * 104_729) % 0xffff_ffff).toString(16).padStart(8, '0'),
  ).join('')
}
