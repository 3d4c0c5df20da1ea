// Bytes of the log that the disk has changed after they were acknowledged: what they hit is lost and told, all else is loaded.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { column, createView, DURABLE, startWorld, type World } from '../test/writer-world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

test('frames damaged in the middle of a batch cost their own rows, which the quarantine tells with their number', async () => {
  const source = await world.source(await world.workspace(), [column('name', 'String')])
  const other = await world.source(source.workspaceId, [column('name', 'String')])
  await world.sql(
    `CREATE TABLE ${source.database}.counted (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k ${DURABLE}`,
  )
  const counted = `SELECT 1 AS k, count() AS c FROM ${source.table} GROUP BY k`
  await createView(world, source, 'counted', counted)
  const rows = (frame: string): unknown[] => ['1', '2'].map((row) => ({ name: `${frame}${row}` }))
  let last = 0
  for (const frame of ['a', 'body hit', 'b', 'head hit', 'c'])
    last = await world.append(source, rows(frame))
  const lastOfOther = await world.append(other, rows('other'))
  const dir = join(dirname(world.spoolDir), 'log')
  const path = join(dir, (await readdir(dir))[0] ?? '')
  const bytes = await readFile(path)
  bytes.write('X', bytes.indexOf('body hit1'))
  // The head is the JSON before the rows; its end is hit.
  bytes.write('X', bytes.indexOf('{"name":"head hit1"') - 2)
  await writeFile(path, bytes)

  world.startWriter()
  await world.loaded(source, last)
  await world.loaded(other, lastOfOther)
  const names = `arrayStringConcat(arraySort(groupArray(name)), ',')`
  expect(await world.value(`SELECT ${names} FROM ${source.table}`)).toBe('a1,a2,b1,b2,c1,c2')
  expect(await world.value(`SELECT sum(c) FROM ${source.database}.counted`)).toBe('6')
  expect(await world.value(`SELECT count() FROM ${other.table}`)).toBe('2')
  const told = await world.value(
    `SELECT concat(toString(count()), ' ', arrayStringConcat(any(c__error), ' ')) FROM ${source.quarantine}`,
  )
  expect(told).toMatch(/^1 .*damaged.*2 rows/)
  const log = world.writer().log()
  expect(log).toMatch(/damaged frames are left out of a batch/)
  // The frame whose head is gone belongs to nobody any more: the log line has its sequence.
  expect(log).toMatch(/"sequences":\{"from":4,"to":4\}/)
})
