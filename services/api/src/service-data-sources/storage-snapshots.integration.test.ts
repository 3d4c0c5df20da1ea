import { databaseName, quarantineTableName, tableName } from '@sandpiper/deployment'
import type { OpsRow } from '@sandpiper/telemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { EVENTS_ID, startQueryApi, type QueryApi } from '../testing/start-query-api.ts'
import { createStorageSnapshots } from './storage-snapshots.ts'
import { withNames } from './with-names.ts'

let api: QueryApi
beforeAll(async () => {
  api = await startQueryApi({})
})
afterAll(() => api.stop())

test('a workspace whose tables changed gets one snapshot of all its data sources; while nothing happens nothing is asked', async () => {
  const rows: OpsRow[] = []
  let activity = 1
  let questions = 0
  let nowMs = 1_700_000_000_000
  const { clickhouse, catalog, logger } = api.deps
  const snapshots = createStorageSnapshots(
    {
      catalog,
      logger,
      clickhouse: {
        rows: (request) => {
          questions += 1
          return clickhouse.rows(request)
        },
      },
      activity: () => activity,
      take: (row) => rows.push(row),
      now: () => nowMs,
    },
    3_600_000,
  )
  const taken = (): Record<string, unknown>[] =>
    rows.splice(0).map(({ json }) => JSON.parse(json) as Record<string, unknown>)

  await snapshots.look()
  const [first, second] = taken()
  expect(first).toMatchObject({
    ...{ workspace_id: api.workspaceId, timestamp: 1_700_000_000, datasource_name: 'events' },
    ...{ rows: 3, rows_quarantine: 0, bytes_quarantine: 0 },
  })
  expect(first?.['bytes']).toBeGreaterThan(0)
  expect(second).toMatchObject({ datasource_name: 'users', rows: 1, timestamp: 1_700_000_000 })

  await snapshots.look()
  const askedTwice = questions
  for (let n = 0; n < 5; n += 1) await snapshots.look()
  expect([taken(), questions - askedTwice]).toEqual([[], 0])

  const database = databaseName(api.workspaceId)
  const quarantine = `${database}.${quarantineTableName(EVENTS_ID, 1)}`
  await clickhouse.command({
    sql: `CREATE TABLE ${quarantine} (x Int8) ENGINE = MergeTree ORDER BY x AS SELECT 1 AS x`,
  })
  await clickhouse.command({ sql: `TRUNCATE TABLE ${database}.${tableName(EVENTS_ID, 1)}` })
  activity += 1
  nowMs += 60_000
  await snapshots.look()
  expect(taken()[0]).toMatchObject({ rows: 0, rows_quarantine: 1, datasource_name: 'events' })
  snapshots.close()
})

test('rows that only have an id are given the name of their data source, if there is one', async () => {
  const row = (values: object): OpsRow => ({ table: 'block_log', json: JSON.stringify(values) })
  const base = { workspace_id: api.workspaceId, datasource_id: EVENTS_ID, datasource_name: '' }
  const named = await withNames(api.deps.catalog, [
    row(base),
    row({ ...base, datasource_name: 'kept' }),
    row({ ...base, datasource_id: 't_gone' }),
    row({ ...base, workspace_id: '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10' }),
  ])
  const names = named.map(({ json }) => (JSON.parse(json) as typeof base).datasource_name)
  expect(names).toEqual(['events', 'kept', '', ''])
})
