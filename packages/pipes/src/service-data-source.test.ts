import { databaseName, SYSTEM_WORKSPACE_ID } from '@sandpiper/deployment'
import { describe, expect, it } from 'vitest'

import { compilePipe } from './compile-pipe.ts'
import { compileSql } from './compile-sql.ts'
import { EVERYTHING } from './compile-scope.ts'
import { testMap, testScope } from './test-map.fixture.ts'

const map = testMap({
  ops: [
    { name: 'first', sql: 'SELECT * FROM tinybird.block_log', type: 'standard' },
    { name: 'out', sql: 'SELECT count() AS n FROM first', type: 'endpoint' },
  ],
})

describe('a service data source', () => {
  it('is always a SELECT over the rows of the workspace that reads it', () => {
    const scope = testScope(map, { authority: EVERYTHING })
    const { sql, tables } = compileSql(scope, {
      sql: 'SELECT 1 FROM tinybird.block_log JOIN `tinybird`.`block_log` AS b USING rows WHERE 1 IN tinybird.block_log',
    })
    const filter = `PREWHERE workspace_id = '${scope.workspaceId}'`
    expect(sql.split(filter)).toHaveLength(4)
    expect(sql.split(databaseName(SYSTEM_WORKSPACE_ID))).toHaveLength(4)
    expect(tables.map(({ database, userName }) => [database, userName])).toEqual([
      [databaseName(SYSTEM_WORKSPACE_ID), 'tinybird.block_log'],
    ])
  })

  it('can be read in an endpoint and not in a materialized view, however many nodes lie between', () => {
    const scope = testScope(map, { authority: EVERYTHING })
    expect(compilePipe(scope, { pipe: 'ops' }).tables).toHaveLength(1)
    expect(() => compilePipe({ ...scope, forView: true }, { pipe: 'ops' })).toThrow(
      "A materialized view cannot read the service data source 'tinybird.block_log'",
    )
  })

  it('cannot be filtered by a token, and is denied rather than shown whole', () => {
    const authority = { mayRead: () => ({ allowed: true, filter: 'rows > 1' }), seesNames: false }
    expect(() =>
      compileSql(testScope(map, { authority }), { sql: 'SELECT * FROM tinybird.block_log' }),
    ).toThrow("Resource 'tinybird.block_log' not found or not allowed for this token")
  })
})
