import { randomBytes, randomUUID } from 'node:crypto'

import { createLogger } from '@sandpiper/telemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Database } from './database.ts'
import { loadSnapshot } from './load-snapshot.ts'
import { MigrationError } from './migrate.ts'
import { openBeside, startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

const logger = createLogger({ service: 'test', level: 'silent' })
const secretKey = randomBytes(32)
let running: TestCatalog
let database: Database

beforeAll(async () => {
  running = await startCatalog({ secretKey })
  database = openBeside(running)
})
afterAll(async () => {
  await database.close()
  await running.stop()
})

/** An empty database on the same server. */
async function emptyDatabase() {
  const name = `d${randomUUID().replaceAll('-', '')}`
  await database.rows(`CREATE DATABASE ${name}`)
  return { ...running.postgres.connection, database: name }
}

async function readAll(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

async function snapshotOf(catalog: TestCatalog['catalog']): Promise<string[]> {
  const snapshot = await catalog.snapshot()
  try {
    return await readAll(snapshot.lines())
  } finally {
    await snapshot.close()
  }
}

/** Values that a careless copy changes. */
async function fillCatalog(): Promise<string> {
  const { catalog } = running
  const { workspace } = await catalog.createWorkspace({ name: `w_${randomUUID()}` })
  await catalog.createWorkspace({ name: 'branch', mainId: workspace.id })
  const value = 'line\nbreak, "quotes" and \\ and \u{1f600}'
  await catalog.createVariable({ workspaceId: workspace.id, name: 'v', value, editedBy: 'x' })
  await database.rows(
    `INSERT INTO jobs (id, workspace_id, kind, status, details, created_at, updated_at)
      SELECT gen_random_uuid(), $1, 'import', 'done', '{"n": 12345678901234567890.10}', now(), now() FROM generate_series(1, 50)`,
    [workspace.id],
  )
  return workspace.id
}

test('a snapshot is of one moment, and another Postgres gives the same rows back, secrets readable', async () => {
  const { catalog } = running
  const id = await fillCatalog()
  const snapshot = await catalog.snapshot()
  await catalog.createVariable({ workspaceId: id, name: 'later', value: 'x', editedBy: 'x' })
  const lines = await readAll(snapshot.lines())
  await snapshot.close()
  const connection = await emptyDatabase()
  expect(await loadSnapshot({ connection, logger, mark: 'a', lines })).toBe(true)
  const restored = await running.open({ connection, secretKey })
  expect(await snapshotOf(restored)).toEqual(lines)
  expect([...(await restored.secretsOf(id)).keys()]).toEqual(['v'])
  expect(await restored.secretsOf(id)).toEqual(
    new Map([['v', 'line\nbreak, "quotes" and \\ and \u{1f600}']]),
  )
  const beside = openBeside({ postgres: { ...running.postgres, connection } })
  const [position] = await beside.rows<{ last: string; next: string }>(
    `SELECT max(position) AS last, nextval(pg_get_serial_sequence('jobs', 'position')) AS next FROM jobs`,
  )
  await beside.close()
  expect(Number(position?.next)).toBe(Number(position?.last) + 1)
  const again = await loadSnapshot({ connection, logger, mark: 'a', lines })
  expect(again).toBe(false)
  await expect(loadSnapshot({ connection, logger, mark: 'another', lines })).rejects.toThrow(
    /empty database/,
  )
})

test('a text that was cut off, damaged or of another program leaves an empty database', async () => {
  await fillCatalog()
  const whole = await snapshotOf(running.catalog)
  const connection = await emptyDatabase()
  const [head = '', ...rest] = whole
  const migrations = [{ version: 1, checksum: 'another' }]
  const texts = [
    [...whole.slice(0, -1)],
    [...whole.slice(0, -2), whole.at(-1) ?? ''],
    [...whole.slice(0, -1), '{"table":"works'],
    [JSON.stringify({ format: 1, migrations }), ...rest],
    [head.replace('"format":1', '"format":2'), ...rest],
    [],
  ]
  for (const lines of texts)
    await expect(loadSnapshot({ connection, logger, mark: 'a', lines })).rejects.toThrow(
      MigrationError,
    )
  expect(await loadSnapshot({ connection, logger, mark: 'a', lines: whole })).toBe(true)
})
