import { createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { parseDatafile, type DataSourceFile } from '@sandpiper/datafile'
import { createQuarantineTable, type DeployedDataSource } from '@sandpiper/deployment'
import { startEngine } from '@sandpiper/testkit'
import { expect, test } from 'vitest'

import { copyQuarantine } from './clean-up.ts'

const ID = `t_${'a'.repeat(32)}`

test('quarantined rows are carried to the next generation once each, however often that is cut off and done again', async () => {
  const engine = await startEngine()
  const clickhouse = createClickHouse({
    ...{ url: 'http://engine', socketPath: engine.socketPath, loadsFiles: true },
  })
  await ensureEmptyDatabase(clickhouse)
  const run = (sql: string): Promise<void> => clickhouse.command({ sql })
  const text = 'SCHEMA >\n    a String `json:$.a`\n'
  const file = parseDatafile(text, { filename: 'a.datasource' }).file as DataSourceFile
  const [one, other] = [1, 2].map((generation) => ({ id: ID, generation, file }))
  await run('CREATE DATABASE ws_a ENGINE = Atomic')
  await run(createQuarantineTable('ws_a', `${ID}_1_quarantine`, file))
  await run(createQuarantineTable('ws_a', `${ID}_2_quarantine`, file))
  await run(`INSERT INTO ws_a.${ID}_1_quarantine (c__raw) VALUES ('1'), ('2'), ('3')`)
  const copy = (): Promise<void> =>
    copyQuarantine(clickhouse, 'ws_a', one as DeployedDataSource, other as DeployedDataSource)
  const rows = async (): Promise<unknown[]> =>
    (
      await clickhouse.rows<{ c__raw: string }>({
        sql: `SELECT c__raw FROM ws_a.${ID}_2_quarantine ORDER BY c__raw`,
      })
    ).map((row) => row.c__raw)
  await copy()
  // As if the copy had ended after two rows, and newer ones had come meanwhile.
  await run(`DELETE FROM ws_a.${ID}_2_quarantine WHERE c__raw = '2'`)
  await run(`INSERT INTO ws_a.${ID}_2_quarantine (c__raw) VALUES ('4')`)
  await copy()
  await copy()
  expect(await rows()).toEqual(['1', '2', '3', '4'])
  await clickhouse.close()
  await engine.stop()
})
