import { createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { startEngine } from '@sandpiper/testkit'
import { expect, test } from 'vitest'

import { upgradeQuarantines } from './upgrade-quarantines.ts'

test('a quarantine of the first release gets its hidden columns once, and its rows keep one id', async () => {
  const engine = await startEngine()
  const clickhouse = createClickHouse({
    ...{ url: 'http://engine', socketPath: engine.socketPath, loadsFiles: true },
  })
  await ensureEmptyDatabase(clickhouse)
  const run = (sql: string): Promise<void> => clickhouse.command({ sql })
  const rows = (what: string): Promise<Record<string, unknown>[]> =>
    clickhouse.rows({ sql: `SELECT ${what} FROM ws_a.t_1_quarantine ORDER BY c__raw` })
  await run('CREATE DATABASE ws_a ENGINE = Atomic')
  await run(
    'CREATE TABLE ws_a.t_1_quarantine (c__raw Nullable(String)) ENGINE = MergeTree ORDER BY tuple()',
  )
  await run("INSERT INTO ws_a.t_1_quarantine VALUES ('a'), ('b')")
  await upgradeQuarantines(clickhouse)
  const once = await rows('c__raw, c__raw_form, c__row_id')
  expect(once).toMatchObject([{ c__raw_form: 'sent' }, { c__raw_form: 'sent' }])
  expect(new Set(once.map((each) => each['c__row_id'])).size).toBe(2)
  await upgradeQuarantines(clickhouse)
  expect(await rows('c__raw, c__raw_form, c__row_id')).toEqual(once)
  expect(await rows('*')).toEqual([{ c__raw: 'a' }, { c__raw: 'b' }])
  await clickhouse.close()
  await engine.stop()
})
