// What a promotion leaves behind, and what a discarded deployment made. Everything follows from two maps, so it can be done
// again after any crash.
import type { Deployment } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import {
  alteredPairs,
  changeTable,
  databaseName,
  dropColumns,
  dropTable,
  generationPairs,
  insertSelect,
  objectsOnlyIn,
  qualified,
  QUARANTINE_COLUMNS,
  quarantineTableName,
  tableName,
  createViewOf,
  viewName,
  type DeployedDataSource,
  type DeploymentMap,
} from '@sandpiper/deployment'
import { quoteIdentifier } from '@sandpiper/sql'

import { describeViews } from './compiled-views.ts'
import { undoSteps, type StepDeps } from './run-steps.ts'

/** Milliseconds to copy a quarantine. */
const COPY_TIMEOUT_MS = 600_000

/** Removes what only the old map has. Quarantined rows move to the new generation first. Needs the turn; idempotent. */
export async function removeOld(
  clickhouse: ClickHouse,
  workspaceId: string,
  old: DeploymentMap,
  live: DeploymentMap,
): Promise<void> {
  const database = databaseName(workspaceId)
  const existing = await existingObjects(clickhouse, database)
  for (const { one, other } of generationPairs(old, live)) {
    const from = quarantineTableName(one.id, one.generation)
    if (!existing.has(from)) continue
    await copyQuarantine(clickhouse, database, one, other)
    // At once, so that a crash before the rest cannot copy the rows twice.
    await clickhouse.command({ sql: dropTable(database, from) })
  }
  await dropAll(clickhouse, database, objectsOnlyIn(old, live))
}

/**
 * Copies quarantined rows from one generation to another. Once each, also when it is done again after it was cut off anywhere: rows that
 * are there already are told by their ids, among those that are no newer than what is copied.
 */
export async function copyQuarantine(
  clickhouse: ClickHouse,
  database: string,
  one: DeployedDataSource,
  other: DeployedDataSource,
): Promise<void> {
  const from = quarantineTableName(one.id, one.generation)
  const columns = [...commonNames(one.file.columns, other.file.columns), ...QUARANTINE_COLUMNS]
  const table = quarantineTableName(other.id, other.generation)
  const source = qualified(database, from)
  const copied = `SELECT c__row_id FROM ${qualified(database, table)} WHERE insertion_date <= (SELECT max(insertion_date) FROM ${source})`
  const select = `SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${source} WHERE c__row_id NOT IN (${copied})`
  await clickhouse.command({
    sql: insertSelect({ database, table, columns, select }),
    settings: { insert_allow_materialized_columns: 1 },
    timeoutMs: COPY_TIMEOUT_MS,
  })
}

/** Removes what a deployment made beside the live one and takes its changes of live tables back. Needs the turn, or no writer. Idempotent. */
export async function removeStaged(
  deps: StepDeps,
  workspaceId: string,
  staged: Pick<Deployment, 'map' | 'plan'>,
  live: DeploymentMap,
): Promise<void> {
  const database = databaseName(workspaceId)
  await dropAll(deps.clickhouse, database, objectsOnlyIn(staged.map, live))
  await dropAll(deps.clickhouse, database, scratchTables(staged.plan))
  const existing = await existingObjects(deps.clickhouse, database)
  const undo = alteredPairs(staged.map, live).flatMap(({ one, other }) => {
    const table = tableName(other.id, other.generation)
    if (!existing.has(table)) return []
    const names = { database, table, quarantine: quarantineTableName(other.id, other.generation) }
    return [
      ...changeTable(names, one.file, other.file),
      ...dropColumns(names, one.file, other.file),
    ]
  })
  // Those that were never made complain; nothing follows from it.
  for (const sql of undo) await undoSteps(deps, [{ resource: '', sql: '', undo: [sql] }])
  await restoreViews(deps.clickhouse, workspaceId, live, existing)
}

/** Makes views of the live map that are missing because a promotion was cut off between dropping and swapping. */
async function restoreViews(
  clickhouse: ClickHouse,
  workspaceId: string,
  live: DeploymentMap,
  existing: ReadonlySet<string>,
): Promise<void> {
  const missing = Object.values(live.pipes).filter(
    ({ id, view }) => view !== null && !existing.has(viewName(id, view.generation)),
  )
  if (missing.length === 0) return
  const views = await describeViews(clickhouse, workspaceId, live)
  for (const pipe of missing) {
    const view = views.get(pipe.file.name)
    if (view !== undefined)
      await clickhouse.command({ sql: createViewOf(databaseName(workspaceId), live, pipe, view) })
  }
}

/** Tables that a replacement looks at and that no map names. */
function scratchTables(plan: unknown): { name: string }[] {
  const names = (plan as { scratch?: readonly string[] } | null)?.scratch ?? []
  return names.map((name) => ({ name }))
}

async function dropAll(
  clickhouse: ClickHouse,
  database: string,
  objects: readonly { readonly name: string }[],
): Promise<void> {
  for (const { name } of objects) await clickhouse.command({ sql: dropTable(database, name) })
}

async function existingObjects(
  clickhouse: ClickHouse,
  database: string,
): Promise<ReadonlySet<string>> {
  const sql = 'SELECT name FROM system.tables WHERE database = {database:String}'
  const rows = await clickhouse.rows<{ name: string }>({ sql, params: { database } })
  return new Set(rows.map((each) => each.name))
}

function commonNames(
  one: readonly { readonly name: string }[],
  other: readonly { readonly name: string }[],
): string[] {
  const names = new Set(one.map((each) => each.name))
  return other
    .map((each) => each.name)
    .filter((name) => names.has(name) && !QUARANTINE_COLUMNS.includes(name))
}
