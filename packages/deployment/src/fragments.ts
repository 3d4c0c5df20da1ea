import { parseType, type DataSourceFile } from '@sandpiper/datafile'

import { effectiveEngine } from './effective-engine.ts'
import { fragmentProblem, type Fragment } from './sql-fragments.ts'
import { parseTtl } from './ttl.ts'

/** Every piece of SQL a data source brings into its table, for the gate to judge before any of it reaches the engine. */
export function fragmentsOf(file: DataSourceFile): Fragment[] {
  const engine = effectiveEngine(file)
  const fragments: Fragment[] = []
  const add = (origin: string, sql: string | null, gated = true): void => {
    if (sql !== null && sql !== '') fragments.push({ origin, sql, gated })
  }
  for (const column of file.columns) {
    add(`DEFAULT of column ${column.name}`, column.default)
    add(`CODEC of column ${column.name}`, column.codec, false)
  }
  add('ENGINE_SORTING_KEY', engine.sortingKey)
  add('ENGINE_PARTITION_KEY', engine.partitionKey)
  add('ENGINE_PRIMARY_KEY', engine.primaryKey)
  add('ENGINE_SAMPLING_KEY', engine.samplingKey)
  const ttl = engine.ttl === null ? null : parseTtl(engine.ttl)
  add('ENGINE_TTL', ttl?.expression ?? engine.ttl)
  add('ENGINE_TTL', ttl?.where ?? null)
  for (const index of file.indexes) {
    add(`INDEXES ${index.name}`, index.expression)
    add(`INDEXES ${index.name}`, index.type, false)
  }
  for (const [name, value] of Object.entries(engine.other)) add(name, value, false)
  return fragments
}

/** What is wrong with the SQL pieces of a data source, before anyone asks the engine. */
export function fragmentProblems(file: DataSourceFile): string[] {
  const problems = fragmentsOf(file).flatMap(({ origin, sql, gated }) => {
    const problem =
      fragmentProblem(sql) ??
      (gated || PLAIN.test(sql) ? null : 'holds characters that are not allowed')
    return problem === null ? [] : [`${origin} ${problem}: ${sql}`]
  })
  const { ttl } = effectiveEngine(file)
  if (ttl !== null && parseTtl(ttl) === null)
    problems.push(
      `ENGINE_TTL is not supported: ${ttl}. Write an expression, or expression DELETE WHERE condition.`,
    )
  for (const column of file.columns) {
    if (column.type !== '' && 'message' in parseType(column.type))
      problems.push(`The type of column ${column.name} is not valid: ${column.type}`)
  }
  return problems
}

/** What codecs, index types and Join options are made of: names, numbers, quoted words, brackets. */
const PLAIN = /^[\w\s(),.'=+-]*$/
