// The quarantined rows of a selection, a bounded page at a time, in the order in which they were quarantined.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { QuarantineSelection } from '@sandpiper/contracts'
import type { RawForm } from '@sandpiper/rows'
import { conditionOf, rowsOf } from './quarantine-tables.ts'

/** A quarantined row, as healing needs it. */
export interface QuarantinedRow {
  readonly id: string
  readonly raw: string | null
  readonly form: RawForm
}

/** Where a row stands in the order of a quarantine. */
export interface PageCursor {
  /** Unix seconds. */
  readonly insertedAt: number
  readonly rowId: string
}

/** Which rows; `upTo`: quarantined in this second or before, in Unix seconds. */
export type PageSelection = QuarantineSelection & { readonly upTo?: number }

export interface Page {
  readonly rows: readonly QuarantinedRow[]
  /** Where its last row stands: the next page begins behind it. null: there are no more rows. */
  readonly last: PageCursor | null
}

/** Rows of one page. */
const PAGE_ROWS_MAX = 5_000
/** Bytes of the lines of one page; a longer line is a page of its own. Escaped as JSON they take up to six times that. */
const PAGE_BYTES_MAX = 2_000_000
/** Longer lines are longer than any line that is taken. */
const LINE_BYTES_MAX = 4_194_304
const TIMEOUT_MS = 60_000

/** Reads the page behind the cursor. A row that is being carried over from one table to another comes once. */
export async function readPage(
  clickhouse: ClickHouse,
  tables: readonly string[],
  { upTo, ...selection }: PageSelection,
  after: PageCursor | null,
): Promise<Page> {
  if (tables.length === 0) return { rows: [], last: null }
  const chosen = conditionOf(selection)
  const where =
    upTo === undefined
      ? chosen
      : { ...chosen, sql: `${chosen.sql} AND insertion_date <= toDateTime(${upTo})` }
  const behind =
    after === null
      ? '1'
      : `insertion_date >= toDateTime(${after.insertedAt}) AND (insertion_date > toDateTime(${after.insertedAt}) OR c__row_id > {after:UUID})`
  const params = { ...where.params, ...(after === null ? {} : { after: after.rowId }) }
  const from = `${rowsOf(tables)} WHERE ${behind} AND ${where.sql}`
  // LIMIT BY costs a full sort: only where a row may stand in two tables.
  const order = `ORDER BY insertion_date, c__row_id ${tables.length > 1 ? 'LIMIT 1 BY c__row_id' : ''}`
  const heads = await clickhouse.rows<HeadRow>({
    sql: `SELECT toUnixTimestamp(insertion_date) AS at, c__row_id AS id, length(ifNull(c__raw, '')) AS bytes
          FROM ${from} ${order} LIMIT ${PAGE_ROWS_MAX}`,
    params,
    timeoutMs: TIMEOUT_MS,
  })
  const count = countWithin(heads.map(({ bytes }) => Math.min(Number(bytes), LINE_BYTES_MAX)))
  const last = heads[count - 1]
  if (last === undefined) return { rows: [], last: null }
  const rows = await clickhouse.rows<QuarantinedRow>({
    sql: `SELECT c__row_id AS id, if(length(c__raw) > ${LINE_BYTES_MAX}, NULL, c__raw) AS raw, c__raw_form AS form
          FROM ${from} AND (insertion_date < toDateTime(${last.at}) OR (insertion_date = toDateTime(${last.at}) AND c__row_id <= {last:UUID}))
          ${order} LIMIT ${count}`,
    params: { ...params, last: last.id },
    timeoutMs: TIMEOUT_MS,
  })
  return { rows, last: { insertedAt: last.at, rowId: last.id } }
}

/** Rows by their ids, in their order; those that are gone are left out. @param ids UUIDs, as many as a page has. */
export async function readRows(
  clickhouse: ClickHouse,
  tables: readonly string[],
  ids: readonly string[],
): Promise<QuarantinedRow[]> {
  if (tables.length === 0 || ids.length === 0) return []
  return clickhouse.rows<QuarantinedRow>({
    sql: `SELECT c__row_id AS id, c__raw AS raw, c__raw_form AS form FROM ${rowsOf(tables)}
          WHERE c__row_id IN (${idList(ids)}) ORDER BY insertion_date, c__row_id LIMIT 1 BY c__row_id`,
    settings: { max_query_size: 2_000_000 },
    timeoutMs: TIMEOUT_MS,
  })
}

/** UUIDs as a list of literals. */
export function idList(ids: readonly string[]): string {
  return ids.map((id) => `'${id}'`).join(',')
}

interface HeadRow {
  readonly at: number
  readonly id: string
  readonly bytes: string
}

function countWithin(sizes: readonly number[]): number {
  let bytes = 0
  const end = sizes.findIndex((size) => (bytes += size) > PAGE_BYTES_MAX)
  return end < 0 ? sizes.length : Math.max(1, end)
}
