import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createClickHouse, ensureEmptyDatabase, type ClickHouse } from '@sandpiper/clickhouse'
import { startEngine, type RunningEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { analyzeFile } from './analyze-file.ts'
import { createImportFolder } from './import-folder.ts'

const NAME = '00000000-0000-4000-8000-000000000001.00000000-0000-4000-8000-000000000002'
const LIMITS = { unpackedBytesMax: 1_000_000_000, unpackRatioMax: 250 }

let dir: string
let engine: RunningEngine
let clickhouse: ClickHouse

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sp-analyze-'))
  engine = await startEngine()
  clickhouse = createClickHouse({
    url: 'http://engine',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
})
afterAll(async () => {
  await clickhouse.close()
  await engine.stop()
  await rm(dir, { recursive: true, force: true })
})

async function analyzed(select: string): Promise<ReturnType<typeof analyzeFile>> {
  const { body } = await clickhouse.query({ sql: select, format: 'Parquet', timeoutMs: 30_000 })
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  await writeFile(join(dir, NAME), pieces)
  const folder = createImportFolder(dir, { bytesMax: 1e9, freeBytesMin: 0, receivingMax: 1 })
  const dialect = { delimiter: null, newLine: null, escape: null }
  const request = { format: 'parquet', dialect, typeGuessing: true } as const
  return analyzeFile({ clickhouse, folder, limits: LIMITS }, NAME, request)
}

test('a small Parquet file whose rows are large is looked at in a piece of it', async () => {
  const { body } = await analyzed("SELECT number AS n, repeat('x', 500000) AS s FROM numbers(60)")
  expect(body.analysis.columns.map((each) => each.name)).toEqual(['n', 's'])
  expect(body.preview.statistics.bytes_read).toBe(1024 * 1024)
  expect(body.preview.rows).toBe(2)
})

test('a Parquet file of very many columns is taken to have as many as a data source may', async () => {
  const columns = Array.from({ length: 600 }, (_, index) => `1 AS c${index}`).join(', ')
  const { columns: found } = await analyzed(`SELECT ${columns}`)
  expect(found).toHaveLength(500)
})
