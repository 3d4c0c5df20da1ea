import { expect, test } from 'vitest'

import { compileOver, compilePipe } from './compile-pipe.ts'
import { EVERYTHING, type Authority, type CompileScope } from './compile-scope.ts'
import { compileSql } from './compile-sql.ts'
import { testMap, testScope } from './test-map.fixture.ts'
import { UndescribedResults } from './undescribed-results.ts'

const map = testMap({ report: [{ name: 'out', sql: 'SELECT id FROM users', type: 'endpoint' }] })
const pipe = map.pipes['report']!

const READER: Authority = {
  mayRead: ({ kind }) => ({ allowed: kind === 'pipe', filter: null }),
  seesNames: false,
}

/** SQL over the pipe, by each of its names. */
function over(
  authority: Authority,
  columnsOf: CompileScope['columnsOf'] = () => [{ name: 'id', type: 'UInt64' }],
): string[] {
  const scope = testScope(map, { authority, columnsOf })
  const q = 'SELECT 1 FROM _ WHERE id > 0'
  return [
    compileOver(scope, { pipe: 'report', q }).sql,
    compileSql(scope, { sql: 'SELECT 1 FROM report WHERE id > 0' }).sql,
    compileSql(scope, { sql: q, pipeline: pipe }).sql,
    compileSql(scope, { sql: 'SELECT 1 WHERE 1 IN report' }).sql,
  ]
}

test('a limit that is never reached stands between a pipe and SQL of those who may read nothing else', () => {
  for (const sql of over(READER))
    expect(sql).toMatch(
      /\(SELECT COLUMNS\('\^\(\?:id\)\$'\) FROM \(SELECT id FROM [^)]*\n\) LIMIT 1000000000000000\)/,
    )
})

test('columns with a dictionary get their own behind it', () => {
  for (const sql of over(READER, () => [{ name: 'id', type: 'LowCardinality(UInt64)' }]))
    expect(sql).toContain(
      "(SELECT COLUMNS('^(?:id)$') REPLACE (CAST(CAST(`id` AS UInt64) AS LowCardinality(UInt64)) AS `id`) FROM (",
    )
})

test('without the columns of a result nothing is compiled, and each result is named once, as it can be described', () => {
  const scope = testScope(map, { authority: READER })
  const compile = (): unknown =>
    compileSql(scope, { sql: 'SELECT 1 FROM report, report AS again WHERE 1 IN report' })
  expect(compile).toThrow(UndescribedResults)
  try {
    compile()
  } catch (err) {
    const { results } = err as UndescribedResults
    expect(results).toEqual([
      { ...compilePipe(scope, { pipe: 'report' }), sources: expect.anything() as unknown },
    ])
  }
})

test('those who see everything have none, and nobody asks for columns: the plan of the whole query', () => {
  const asked = (): never => {
    throw new Error('asked')
  }
  for (const sql of over(EVERYTHING, asked)) expect(sql).not.toContain('LIMIT')
})

test('nodes of a pipeline are names of nothing to those who see its result only', () => {
  const ask = (authority: Authority) => () =>
    compileSql(testScope(map, { authority }), { sql: 'SELECT 1 FROM out', pipeline: pipe })
  expect(ask(EVERYTHING)).not.toThrow()
  expect(ask(READER)).toThrow("Resource 'out' not found or not allowed for this token")
})
