import { expect, test } from 'vitest'

import { compileOver } from './compile-pipe.ts'
import { EVERYTHING, type Authority } from './compile-scope.ts'
import { compileSql } from './compile-sql.ts'
import { testMap, testScope } from './test-map.fixture.ts'

const map = testMap({ report: [{ name: 'out', sql: 'SELECT id FROM users', type: 'endpoint' }] })
const pipe = map.pipes['report']!

const READER: Authority = {
  mayRead: ({ kind }) => ({ allowed: kind === 'pipe', filter: null }),
  seesNames: false,
}

/** SQL over the pipe, by each of its names. */
function over(authority: Authority): string[] {
  const scope = testScope(map, { authority })
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
    expect(sql).toMatch(/\(SELECT \* FROM \(SELECT id FROM [^)]*\n\) LIMIT 1000000000000000\)/)
})

test('those who see everything have none, and the plan of the whole query', () => {
  for (const sql of over(EVERYTHING)) expect(sql).not.toContain('LIMIT')
})

test('nodes of a pipeline are names of nothing to those who see its result only', () => {
  const ask = (authority: Authority) => () =>
    compileSql(testScope(map, { authority }), { sql: 'SELECT 1 FROM out', pipeline: pipe })
  expect(ask(EVERYTHING)).not.toThrow()
  expect(ask(READER)).toThrow("Resource 'out' not found or not allowed for this token")
})
