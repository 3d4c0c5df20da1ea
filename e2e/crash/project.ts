// The project under test: every way in which an event reaches a table. Several tables, views, a view behind a view, two data sources
// feeding one target, targets that merge rows, a table that keeps nothing, partitions by day and by kind.

const COLUMNS = `    \`producer\` UInt32 \`json:$.producer\`,
    \`seq\` UInt32 \`json:$.seq\`,
    \`day\` Date \`json:$.day\`,
    \`kind\` LowCardinality(String) \`json:$.kind\`,
    \`amount\` Int64 \`json:$.amount\`,
    \`payload\` String \`json:$.payload\`,
    \`checksum\` UInt32 \`json:$.checksum\``

const ROW_COLUMNS = COLUMNS.replaceAll(/ `json:[^`]*`/g, '')

function source(columns: string, engine: string, partition: string, sorting: string): string {
  const sorted =
    sorting === '' ? '' : `ENGINE_PARTITION_KEY "${partition}"\nENGINE_SORTING_KEY "${sorting}"\n`
  return `SCHEMA >\n${columns}\n\nENGINE "${engine}"\n${sorted}`
}

function materialized(sql: string, target: string): string {
  return `NODE materialize\nSQL >\n    ${sql}\n\nTYPE materialized\nDATASOURCE ${target}\n`
}

const TALLY = `    \`producer\` UInt32,
    \`events\` AggregateFunction(count),
    \`seqs\` AggregateFunction(sum, UInt32),
    \`checksums\` AggregateFunction(groupBitXor, UInt32)`

const TALLIED =
  'producer, countState() AS events, sumState(seq) AS seqs, groupBitXorState(checksum) AS checksums'

/** The logs: plain data sources with one view each, to have many. */
const LOGS = ['logs_1', 'logs_2', 'logs_3']

/** Data sources that get events, in the order of their producers. */
export const SOURCES: readonly string[] = [
  'orders',
  'clicks_a',
  'clicks_b',
  'void',
  ...LOGS,
  'probe',
]

/** Those whose table holds no rows: what they got is in the target named here. */
export const STORED_IN: Readonly<Record<string, string>> = { void: 'void_kept' }

/** Path to text. */
export const PROJECT: Readonly<Record<string, string>> = {
  'orders.datasource': source(COLUMNS, 'MergeTree', 'day', 'producer, seq'),
  'orders_daily.datasource': source(
    '    `producer` UInt32,\n    `day` Date,\n    `kind` LowCardinality(String),\n    `events` UInt64,\n    `seqs` UInt64,\n    `amount` Int64',
    'SummingMergeTree',
    'kind',
    'producer, day, kind',
  ),
  'orders_daily_mv.pipe': materialized(
    'SELECT producer, day, kind, count() AS events, sum(seq) AS seqs, sum(amount) AS amount FROM orders GROUP BY producer, day, kind',
    'orders_daily',
  ),
  'orders_total.datasource': source(
    '    `producer` UInt32,\n    `events` AggregateFunction(sum, UInt64),\n    `amount` AggregateFunction(sum, Int64)',
    'AggregatingMergeTree',
    '',
    'producer',
  ),
  'orders_total_mv.pipe': materialized(
    'SELECT producer, sumState(events) AS events, sumState(amount) AS amount FROM orders_daily GROUP BY producer',
    'orders_total',
  ),
  'clicks_a.datasource': source(COLUMNS, 'MergeTree', '', 'producer, seq'),
  'clicks_b.datasource': source(COLUMNS, 'MergeTree', 'kind', 'producer, seq'),
  'clicks.datasource': source(ROW_COLUMNS, 'MergeTree', '', 'producer, seq'),
  'clicks_a_mv.pipe': materialized('SELECT * FROM clicks_a', 'clicks'),
  'clicks_b_mv.pipe': materialized('SELECT * FROM clicks_b', 'clicks'),
  'clicks_tally.datasource': source(TALLY, 'AggregatingMergeTree', '', 'producer'),
  'clicks_tally_mv.pipe': materialized(
    `SELECT ${TALLIED} FROM clicks GROUP BY producer`,
    'clicks_tally',
  ),
  'void.datasource': source(COLUMNS, 'Null', '', ''),
  'void_kept.datasource': source(ROW_COLUMNS, 'MergeTree', 'kind', 'producer, seq'),
  'void_mv.pipe': materialized('SELECT * FROM void', 'void_kept'),
  ...Object.fromEntries(
    LOGS.flatMap((name) => [
      [`${name}.datasource`, source(COLUMNS, 'MergeTree', 'toYYYYMM(day)', 'seq')],
      [`${name}_tally.datasource`, source(TALLY, 'AggregatingMergeTree', '', 'producer')],
      [
        `${name}_tally_mv.pipe`,
        materialized(`SELECT ${TALLIED} FROM ${name} GROUP BY producer`, `${name}_tally`),
      ],
    ]),
  ),
  'probe.datasource': source(COLUMNS, 'MergeTree', '', 'producer, seq'),
}

/** A view and how it is computed anew; both give `grouped` and `summed`. */
export interface ViewQuery {
  readonly name: string
  readonly view: string
  readonly again: string
}

const merged = (target: string): string =>
  `SELECT toString(producer) AS grouped, toString((countMerge(events), sumMerge(seqs), groupBitXorMerge(checksums))) AS summed FROM ${target} GROUP BY producer`
const retallied = (from: string): string =>
  `SELECT toString(producer) AS grouped, toString((count(), sum(seq), groupBitXor(checksum))) AS summed FROM ${from} GROUP BY producer`
const eachRow = (from: string): string =>
  `SELECT concat(toString(producer), ':', toString(seq)) AS grouped, toString((count(), sum(checksum), sum(amount))) AS summed FROM ${from} GROUP BY producer, seq`

export const VIEWS: readonly ViewQuery[] = [
  {
    name: 'orders_daily',
    view: `SELECT toString((producer, day, kind)) AS grouped, toString((sum(events), sum(seqs), sum(amount))) AS summed FROM orders_daily GROUP BY producer, day, kind`,
    again: `SELECT toString((producer, day, kind)) AS grouped, toString((count(), sum(seq), sum(amount))) AS summed FROM orders GROUP BY producer, day, kind`,
  },
  {
    name: 'orders_total',
    view: `SELECT toString(producer) AS grouped, toString((sumMerge(events), sumMerge(amount))) AS summed FROM orders_total GROUP BY producer`,
    again: `SELECT toString(producer) AS grouped, toString((count(), sum(amount))) AS summed FROM orders GROUP BY producer`,
  },
  {
    name: 'clicks',
    view: eachRow('clicks'),
    again: eachRow('(SELECT * FROM clicks_a UNION ALL SELECT * FROM clicks_b)'),
  },
  {
    name: 'clicks_tally',
    view: merged('clicks_tally'),
    again: retallied('(SELECT * FROM clicks_a UNION ALL SELECT * FROM clicks_b)'),
  },
  ...LOGS.map((name) => ({
    name: `${name}_tally`,
    view: merged(`${name}_tally`),
    again: retallied(name),
  })),
]
