// What a name may not become: the path of a file in an expression of a datafile, and a word that tells our own names.
import type { CompiledQuery } from '@sandpiper/pipes'
import { type RunningEngine, startEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ClickHouse } from '../client-contract.ts'
import { createClickHouse } from '../create-clickhouse.ts'
import { ensureEmptyDatabase } from '../empty-database.ts'
import { createGate, type Gate } from './create-gate.ts'

const T = 'ws_own.t_own_1'
let engine: RunningEngine
let clickhouse: ClickHouse
let gate: Gate

beforeAll(async () => {
  engine = await startEngine()
  clickhouse = createClickHouse({
    url: 'http://localhost',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
  gate = createGate(clickhouse)
})
afterAll(async () => {
  await clickhouse.close()
  await engine.stop()
})

function query(sql: string): CompiledQuery {
  const tables = [{ database: 'ws_own', table: 't_own_1', userName: 'own' }]
  return { sql, params: {}, settings: {}, tables, cacheTtlSeconds: null, userNames: new Map() }
}

describe('attack 24: an expression of a datafile names no table', () => {
  test.each([
    'in(s, `/etc/hostname`)',
    's IN (`/etc/hostname` AS x)',
    's IN t_own_1',
    's GLOBAL NOT IN (((`/etc/hostname`)))',
    's IN (SELECT * FROM `/etc/hostname` UNION ALL (WITH `/etc/hostname` AS (SELECT 1) SELECT 1))',
    's IN (SELECT s FROM ws_own.t_own_1)',
    's IN ws_other.t_other_1',
    "file('/etc/hostname')",
    '1) FROM ws_own.t_own_1 -- ',
  ])('%s', async (expression) => {
    await expect(gate.checkExpression(expression)).rejects.toMatchObject({
      details: { public: expect.stringMatching(/^\[Error\]/) as string },
    })
  })

  test.each(["s IN ('a', 'b')", 'now()', 'a, toYYYYMM(ts)', 'ts + INTERVAL 1 DAY', "s != '' -- x"])(
    '%s passes',
    (expression) => gate.checkExpression(expression),
  )
})

describe('attack 8: nothing tells the names of our databases and tables', () => {
  test.each(['_table', 'x._database', '`_table`', 'concat(_database, s)', 'COLUMNS(_table)'])(
    '%s',
    async (column) => {
      await expect(gate.check(query(`SELECT ${column} FROM ${T} AS x`))).rejects.toMatchObject({
        code: 'query.refused',
      })
    },
  )
})
