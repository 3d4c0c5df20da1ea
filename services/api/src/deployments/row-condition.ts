// A condition on rows as a caller wrote it: one expression over the columns of one data source. It calls only what the gate allows and
// reads no table; what it is true for is decided by the engine.
import { DESCRIBE_LIMITS, querySettings, type ClickHouse, type Gate } from '@sandpiper/clickhouse'
import {
  databaseName,
  fragmentProblem,
  qualified,
  spliced,
  tableName,
  type DeployedDataSource,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import { failureText, isProjectFault } from './engine-names.ts'

const LENGTH_MAX = 65_536

/**
 * The condition as it may stand in a statement: true, or not; never NULL.
 * @throws fault `request.invalid` for what is no condition over the data source, with the engine's reason.
 */
export async function rowCondition(
  deps: { readonly clickhouse: ClickHouse; readonly gate: Gate },
  workspaceId: string,
  source: DeployedDataSource,
  text: string,
): Promise<string> {
  const problem = text.length > LENGTH_MAX ? 'is too long' : fragmentProblem(text)
  if (problem !== null) throw wrong(problem)
  const condition = `ifNull(toBool(${spliced(text)}), false)`
  const table = qualified(databaseName(workspaceId), tableName(source.id, source.generation))
  try {
    await deps.gate.checkExpression(condition)
    await deps.clickhouse.rows({
      sql: `DESCRIBE TABLE (SELECT ${condition} AS is_meant FROM ${table})`,
      settings: querySettings(DESCRIBE_LIMITS),
    })
  } catch (err) {
    if (!isProjectFault(err)) throw err
    const map = { dataSources: { [source.file.name]: source }, pipes: {}, connections: {} }
    throw wrong(`cannot be used: ${failureText(err, [map])}`)
  }
  return condition
}

function wrong(problem: string): Error {
  return fault('request.invalid', { public: `The condition ${problem}.` })
}
