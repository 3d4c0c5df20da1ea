// The way for servers: a Replicated table commits the deduplication token and the part together in Keeper, so an insert that did not
// return OK is sent again as it was, and what a table or view has already is left out there. On any other engine the token is written
// before the part and must not be trusted (engine-facts, traps 1 and 2); such lanes are compared by block numbers instead.
import { attemptName, type Batch } from './batch.ts'
import { type LoadDeps, type LoadProgress, recordOf } from './load-contract.ts'
import type { FailedView } from './place.ts'
import { damagedLine } from './quarantine.ts'
import { insertRows, LOAD_SETTINGS, qualified } from './statements.ts'
import { quarantineColumns } from '@sandpiper/rows'

const INSERT_TIMEOUT_MS = 120_000
/** Engines whose parts and tokens are one commit. A table that keeps nothing has nothing to double. */
const TAKES_TOKENS = /^(?:Replicated\w*MergeTree|Shared\w*MergeTree)$/

/** True when every table of the batch takes tokens, decided by the names of their engines. */
export function takesTokens(batch: Pick<Batch, 'targets'>): boolean {
  const keeping = batch.targets.filter(({ table }) => table.engine !== 'Null')
  return keeping.length > 0 && keeping.every(({ table }) => TAKES_TOKENS.test(table.engine))
}

/** Settings of an insert that may be repeated. @param token the same for each repetition of the same rows, and for nothing else. */
export function tokenSettings(token: string): Record<string, string | number> {
  return {
    ...LOAD_SETTINGS,
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    // One quorum of the replicas decides, whatever became of the connection.
    insert_quorum: 'auto',
  }
}

/** A name for the rows of the batch: its frames are the same in every try, and no other batch has them. */
export function tokenOf(batch: Batch, kind: 'rows' | 'refused'): string {
  return `${batch.dataSourceId}-${batch.fromSequence}-${batch.toSequence}-${kind}`
}

/** One pass; throws when it has to be repeated as it is. */
export async function loadByToken(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
): Promise<readonly FailedView[]> {
  if (progress.attempt === null) {
    // The record fixes which frames the token stands for.
    const attempt = { id: deps.newId(), before: {}, life: null }
    await deps.catalog.beginBatch(recordOf(batch, attempt))
    progress.attempt = attempt
    deps.reached('begun')
  }
  const { id } = progress.attempt
  const name = attemptName(batch, { id })
  await deps.spool.remove(name)
  const files = await deps.spool.write(name, batch.frames, damagedLine(batch.schema.columns))
  deps.reached('spooled')
  const { columns } = batch.schema
  const insert = (sql: string, kind: 'rows' | 'refused'): Promise<void> =>
    deps.clickhouse.command({
      sql,
      settings: tokenSettings(tokenOf(batch, kind)),
      timeoutMs: INSERT_TIMEOUT_MS,
    })
  if (files.rowsPath !== null) {
    const into = qualified(batch.database, batch.table)
    const rows = await deps.staging.bring(id, { path: files.rowsPath, columns })
    await insert(insertRows(into, rows), 'rows')
  }
  if (files.refusedPath !== null && batch.quarantineTable !== null) {
    const into = qualified(batch.database, batch.quarantineTable)
    const file = { path: files.refusedPath, columns: quarantineColumns(columns) }
    await insert(insertRows(into, await deps.staging.bring(id, file)), 'refused')
  }
  deps.reached('inserted')
  return []
}
