// No expression of a project reaches DDL unless the gate allows all it calls: a DEFAULT runs inside the engine like any query.
import { DESCRIBE_LIMITS, querySettings, type ClickHouse, type Gate } from '@sandpiper/clickhouse'
import type { DataSourceFile, Datafile } from '@sandpiper/datafile'
import {
  fragmentProblems,
  fragmentsOf,
  resourceLabel,
  spliced,
  type PlanFeedback,
} from '@sandpiper/deployment'

import { failureText, isProjectFault } from './engine-names.ts'

/** Judges the SQL pieces of data sources. @throws faults of the engine that say nothing about the project. */
export async function checkFragments(
  gate: Gate,
  files: readonly Datafile[],
): Promise<PlanFeedback[]> {
  const found: PlanFeedback[] = []
  for (const file of files) {
    if (file.kind !== 'datasource') continue
    const resource = resourceLabel(file)
    const problems = fragmentProblems(file)
    const messages = problems.length > 0 ? problems : await refusals(gate, file)
    for (const message of messages) found.push({ resource, level: 'ERROR', message })
  }
  return found
}

async function refusals(gate: Gate, file: DataSourceFile): Promise<string[]> {
  const messages: string[] = []
  for (const { origin, sql, gated } of fragmentsOf(file)) {
    if (!gated || /^[\w.]+$/.test(sql)) continue
    try {
      await gate.checkExpression(spliced(sql))
    } catch (err) {
      if (!isProjectFault(err)) throw err
      messages.push(`${origin}: ${failureText(err, [])}`)
    }
  }
  return messages
}

/**
 * Gives columns that have a DEFAULT and no type the type of their DEFAULT. Call after checkFragments.
 * @throws faults of the engine.
 */
export async function withColumnTypes(
  clickhouse: ClickHouse,
  files: readonly Datafile[],
): Promise<Datafile[]> {
  const typed: Datafile[] = []
  for (const file of files) {
    const isTyped = file.kind !== 'datasource' || file.columns.every((each) => each.type !== '')
    typed.push(isTyped ? file : await withTypes(clickhouse, file))
  }
  return typed
}

async function withTypes(clickhouse: ClickHouse, file: DataSourceFile): Promise<DataSourceFile> {
  const known = file.columns
    .filter((each) => each.type !== '')
    .map((each) => `\`${each.name}\` ${each.type}`)
  const structure = known.length === 0 ? 'nothing UInt8' : known.join(', ')
  const literal = `'${structure.replace(/[\\']/g, (char) => `\\${char}`)}'`
  const columns = []
  for (const column of file.columns) {
    if (column.type !== '') {
      columns.push(column)
      continue
    }
    const sql = `DESCRIBE TABLE (SELECT ${spliced(column.default ?? 'NULL')} AS value FROM null(${literal}))`
    const [row] = await clickhouse.rows<{ type: string }>({
      sql,
      settings: querySettings(DESCRIBE_LIMITS),
    })
    columns.push({ ...column, type: row?.type ?? 'String' })
  }
  return { ...file, columns }
}
