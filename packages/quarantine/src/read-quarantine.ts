// What stands in quarantines: counts of a workspace, and the causes of one data source.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { QuarantineCause, QuarantineSelection } from '@sandpiper/contracts'
import { databaseName, type DeployedDataSource } from '@sandpiper/deployment'
import { causeIdSql, causeSql, ERRORS_SQL } from './cause.ts'
import { conditionOf, generationOf, quarantineTables, rowsOf } from './quarantine-tables.ts'

/** Rows of one quarantine; times as ISO 8601 in UTC, null when it is empty. */
export interface QuarantineCounts {
  readonly rows: number
  readonly firstSeen: string | null
  readonly lastSeen: string | null
}

/** How causes are listed. */
export interface CausesOptions {
  readonly selection: QuarantineSelection
  /** How many causes, at most 100. */
  readonly limit: number
  /** Lines shown for each, 0 to 10. */
  readonly samples: number
}

const EMPTY: QuarantineCounts = { rows: 0, firstSeen: null, lastSeen: null }
const LIMITS = { max_memory_usage: 1_073_741_824 }
const TIMEOUT_MS = 30_000
const RAW_CHARS = 1_000

/** Counts of every data source of a workspace by one query. @throws faults of the engine. */
export async function readSummaries(
  clickhouse: ClickHouse,
  workspaceId: string,
): Promise<(source: Pick<DeployedDataSource, 'id' | 'generation'>) => QuarantineCounts> {
  const database = databaseName(workspaceId)
  const [some] = await clickhouse.rows({
    sql: `SELECT 1 FROM system.tables WHERE database = {database:String} AND endsWith(name, '_quarantine') LIMIT 1`,
    params: { database },
  })
  if (some === undefined) return () => EMPTY
  const rows = await clickhouse.rows<CountRow & { name: string }>({
    sql: `SELECT _table AS name, ${COUNTS}
          FROM merge('${database}', '^t_[0-9a-f]+_[0-9]+_quarantine$') GROUP BY name`,
    settings: LIMITS,
    timeoutMs: TIMEOUT_MS,
  })
  return ({ id, generation }) =>
    rows
      .filter(({ name }) => name.startsWith(`${id}_`) && generationOf(name) <= generation)
      .map(countsOf)
      .reduce(together, EMPTY)
}

/** Counts of the selected rows of one data source, and why they were refused. */
export async function readCauses(
  clickhouse: ClickHouse,
  workspaceId: string,
  source: Pick<DeployedDataSource, 'id' | 'generation'>,
  { selection, limit, samples }: CausesOptions,
): Promise<{ counts: QuarantineCounts; causes: QuarantineCause[]; hasMore: boolean }> {
  const tables = await quarantineTables(clickhouse, workspaceId, source)
  if (tables.length === 0) return { counts: EMPTY, causes: [], hasMore: false }
  const where = conditionOf(selection)
  const query = { params: where.params, settings: LIMITS, timeoutMs: TIMEOUT_MS }
  const from = `${rowsOf(tables)} WHERE ${where.sql}`
  const [counts] = await clickhouse.rows<CountRow>({
    ...query,
    sql: `SELECT ${COUNTS} FROM ${from}`,
  })
  const sample = `(substringUTF8(c__raw, 1, ${RAW_CHARS}), substringUTF8(e.2, 1, ${RAW_CHARS}), ${iso('insertion_date')})`
  const id = causeIdSql('column', 'cause')
  const onlyAsked = selection.causes === undefined ? '' : 'HAVING has({causes:Array(String)}, id)'
  const causes = await clickhouse.rows<CauseRow>({
    ...query,
    sql: `SELECT e.1 AS column, ${causeSql('e.2')} AS cause, ${id} AS id, ${COUNTS},
            ${samples === 0 ? '[]' : `groupArrayLast(${samples})(${sample})`} AS samples
          FROM (SELECT insertion_date, c__raw, arrayJoin(${ERRORS_SQL}) AS e FROM ${from})
          GROUP BY column, cause ${onlyAsked} ORDER BY rows DESC, column, cause LIMIT ${limit + 1}`,
  })
  return {
    counts: counts === undefined ? EMPTY : countsOf(counts),
    causes: causes.slice(0, limit).map(causeBody),
    hasMore: causes.length > limit,
  }
}

interface CountRow {
  readonly rows: string
  readonly first_seen: string
  readonly last_seen: string
}

type CauseRow = CountRow & {
  readonly id: string
  readonly column: string
  readonly cause: string
  /** A tuple comes as an array, or as an object with its positions as keys. */
  readonly samples: readonly Readonly<Record<string, string | null>>[]
}

function iso(expression: string): string {
  return `formatDateTime(${expression}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`
}

const COUNTS = `count() AS rows, ${iso('min(insertion_date)')} AS first_seen, ${iso('max(insertion_date)')} AS last_seen`

function countsOf({ rows, first_seen, last_seen }: CountRow): QuarantineCounts {
  return Number(rows) === 0
    ? EMPTY
    : { rows: Number(rows), firstSeen: first_seen, lastSeen: last_seen }
}

function together(one: QuarantineCounts, other: QuarantineCounts): QuarantineCounts {
  const times = (key: 'firstSeen' | 'lastSeen'): string[] =>
    [one[key], other[key]].filter((time) => time !== null).sort()
  return {
    rows: one.rows + other.rows,
    firstSeen: times('firstSeen').at(0) ?? null,
    lastSeen: times('lastSeen').at(-1) ?? null,
  }
}

function causeBody({ samples, rows, ...rest }: CauseRow): QuarantineCause {
  return {
    ...rest,
    rows: Number(rows),
    samples: samples
      .map((sample) => Object.values(sample))
      .map(([raw, error, at]) => ({
        raw: raw ?? null,
        error: error ?? '',
        insertion_date: at ?? '',
      }))
      .reverse(),
  }
}
