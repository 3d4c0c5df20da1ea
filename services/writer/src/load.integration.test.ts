import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { column, DURABLE, newId, startWorld, type World } from '../test/writer-world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
  world.startWriter()
})
afterAll(() => world.stop())

describe('what was appended arrives', () => {
  test('exactly the rows appended are in the table, its view and a chained view', async () => {
    const workspaceId = await world.workspace()
    const source = await world.source(workspaceId, [column('a', 'Int64'), column('day', 'Date')])
    const db = source.database
    await world.sql(
      `CREATE TABLE ${db}.per_day (day Date, c UInt64) ENGINE = SummingMergeTree ORDER BY day ${DURABLE}`,
    )
    await world.sql(
      `CREATE TABLE ${db}.total (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k ${DURABLE}`,
    )
    await world.sql(
      `CREATE MATERIALIZED VIEW ${db}.${newId()}_0_view TO ${db}.per_day AS SELECT day, count() AS c FROM ${source.table} GROUP BY day`,
    )
    await world.sql(
      `CREATE MATERIALIZED VIEW ${db}.${newId()}_0_view TO ${db}.total AS SELECT 1 AS k, sum(c) AS c FROM ${db}.per_day GROUP BY k`,
    )
    let last = 0
    for (let batch = 0; batch < 5; batch += 1) {
      const rows = Array.from({ length: 100 }, (_, i) => ({
        a: batch * 100 + i,
        day: `2026-01-0${1 + (i % 9)}`,
      }))
      last = await world.append(source, rows)
    }
    expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
    expect(
      await world.value(`SELECT count() = 500 AND uniqExact(a) = 500 FROM ${source.table}`),
    ).toBe('1')
    expect(await world.value(`SELECT sum(c) FROM ${db}.per_day`)).toBe('500')
    expect(await world.value(`SELECT sum(c) FROM ${db}.total`)).toBe('500')
  })
})
