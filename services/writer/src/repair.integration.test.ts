// Views that could not take batches get them once they can, exactly once, whatever dies meanwhile.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  column,
  createView,
  DURABLE,
  startWorld,
  type World,
  type WorldSource,
} from '../test/writer-world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterEach(() => world.writer().kill())
afterAll(() => world.stop())

/** A source; a view by day that throws while `broken` holds a row; a sum behind it, and one behind that. */
async function brokenChain(): Promise<WorldSource & { readonly view: string }> {
  const columns = [column('a', 'Int64'), column('day', 'Date')]
  const source = await world.source(await world.workspace(), columns)
  const db = source.database
  await world.sql(`CREATE TABLE ${db}.broken (x UInt8) ENGINE = MergeTree ORDER BY x`)
  await world.sql(`INSERT INTO ${db}.broken VALUES (1)`)
  await world.sql(
    `CREATE TABLE ${db}.per_day (day Date, c UInt64) ENGINE = SummingMergeTree PARTITION BY day ORDER BY day ${DURABLE}`,
  )
  for (const table of ['total', 'grand'])
    await world.sql(
      `CREATE TABLE ${db}.${table} (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k ${DURABLE}`,
    )
  const throws = `throwIf((SELECT count() FROM ${db}.broken) > 0, 'broken') = 0`
  const view = await createView(
    world,
    source,
    'per_day',
    `SELECT day, count() AS c FROM ${source.table} WHERE ${throws} GROUP BY day`,
  )
  await createView(
    world,
    source,
    'total',
    `SELECT 1 AS k, sum(c) AS c FROM ${db}.per_day GROUP BY k`,
  )
  await createView(world, source, 'grand', `SELECT k, sum(c) AS c FROM ${db}.total GROUP BY k`)
  return { ...source, view }
}

function events(from: number, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => ({
    a: from + i,
    day: `2026-01-0${1 + ((from + i) % 3)}`,
  }))
}

/** Ends the error of the view, as a deployment would: under a turn. */
async function mend(source: WorldSource): Promise<void> {
  const turn = await world.log.turn(source.workspaceId, AbortSignal.timeout(20_000))
  await world.sql(`TRUNCATE TABLE ${source.database}.broken SYNC`)
  await turn.release()
}

const held = (source: WorldSource): Promise<string> => {
  const of = (table: string): string => `(SELECT sum(c) FROM ${source.database}.${table})`
  return world.value(
    `SELECT ((SELECT count() FROM ${source.table}), ${of('per_day')}, ${of('total')}, ${of('grand')})`,
  )
}

/** Resolves when no view lacks anything and no repair is open. */
async function repaired(): Promise<void> {
  const left = async (): Promise<number> =>
    (await world.missing()).length + (await world.catalog.openRepairs()).length
  await expect.poll(left, { timeout: 30_000, interval: 50 }).toBe(0)
}

test('a view that was mended gets what it missed, and so does what lies behind it', async () => {
  const source = await brokenChain()
  world.startWriter()
  for (let batch = 0; batch < 3; batch += 1)
    expect(await world.load(source, events(batch * 10, 10))).toMatchObject({ kind: 'view_failed' })
  // A row that the engine refuses is in the quarantine table once, however often its batch is read.
  await world.load(source, [...events(30, 10), { a: 'x', day: '2026-01-01' }])
  expect(await held(source)).toBe('40,0,0,0')
  expect(await world.missing()).toHaveLength(4)
  await mend(source)
  await repaired()
  expect(await held(source)).toBe('40,40,40,40')
  expect(await world.load(source, events(40, 10))).toEqual({ kind: 'loaded' })
  expect(await held(source)).toBe('50,50,50,50')
  expect(await world.value(`SELECT count() FROM ${source.quarantine}`)).toBe('1')
})

test('an error that passes by itself needs nobody', async () => {
  const source = await brokenChain()
  world.startWriter()
  await world.load(source, events(0, 10))
  await world.sql(`TRUNCATE TABLE ${source.database}.broken SYNC`)
  await repaired()
  expect(await held(source)).toBe('10,10,10,10')
})

test('a view behind a repaired one that fails then is repaired after it', async () => {
  const source = await brokenChain()
  const db = source.database
  await world.sql(`CREATE TABLE ${db}.also (x UInt8) ENGINE = MergeTree ORDER BY x`)
  await world.sql(`INSERT INTO ${db}.also VALUES (1)`)
  await world.sql(
    `CREATE TABLE ${db}.side (c UInt64) ENGINE = SummingMergeTree ORDER BY tuple() ${DURABLE}`,
  )
  const throws = `throwIf((SELECT count() FROM ${db}.also) > 0, 'also') = 0`
  await createView(world, source, 'side', `SELECT sum(c) AS c FROM ${db}.total WHERE ${throws}`)
  world.startWriter()
  await world.load(source, events(0, 10))
  await mend(source)
  await expect
    .poll(async () => (await world.missing()).map(({ message }) => message.includes('also')), {
      timeout: 20_000,
    })
    .toEqual([true])
  expect(await held(source)).toBe('10,10,10,10')
  expect(await world.value(`SELECT sum(c) FROM ${db}.side`)).toBe('0')
  await world.sql(`TRUNCATE TABLE ${db}.also SYNC`)
  await repaired()
  expect(await held(source)).toBe('10,10,10,10')
  expect(await world.value(`SELECT sum(c) FROM ${db}.side`)).toBe('10')
})

test('of two views of one target each brings its own rows, whichever failed', async () => {
  const source = await brokenChain()
  const db = source.database
  await world.sql(
    `CREATE TABLE ${db}.both (a Int64, way String) ENGINE = MergeTree ORDER BY a ${DURABLE}`,
  )
  await world.sql(
    `CREATE TABLE ${db}.after (c UInt64) ENGINE = SummingMergeTree ORDER BY tuple() ${DURABLE}`,
  )
  const throws = `throwIf((SELECT count() FROM ${db}.broken) > 0, 'broken') = 0`
  await createView(world, source, 'both', `SELECT a, 'good' AS way FROM ${source.table}`)
  await createView(
    world,
    source,
    'both',
    `SELECT a, 'bad' AS way FROM ${source.table} WHERE ${throws}`,
  )
  await createView(world, source, 'after', `SELECT count() AS c FROM ${db}.both`)
  world.startWriter()
  await world.load(source, events(0, 10))
  expect(await world.value(`SELECT (count(), uniqExact(way)) FROM ${db}.both`)).toBe('10,1')
  await mend(source)
  await repaired()
  expect(await world.value(`SELECT (count(), uniqExact(a, way)) FROM ${db}.both`)).toBe('20,20')
  expect(await world.value(`SELECT sum(c) FROM ${db}.after`)).toBe('20')
})

describe('kill -9 of the writer during a repair', () => {
  for (const step of ['repair-scratched', 'repair-begun', 'repair-placed', 'repaired']) {
    test(`at "${step}" loses nothing and doubles nothing`, async () => {
      const source = await brokenChain()
      const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: step })
      for (let batch = 0; batch < 3; batch += 1) await world.load(source, events(batch * 10, 10))
      await mend(source)
      expect(await dying.ended).toBe('SIGKILL')
      world.startWriter()
      await world.load(source, events(30, 10))
      await repaired()
      expect(await held(source)).toBe('40,40,40,40')
    })
  }

  test('a repair that reached some partitions of its target, and nothing behind it, is completed', async () => {
    const source = await brokenChain()
    const db = source.database
    const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: 'repair-begun' })
    await world.load(source, events(0, 30))
    await mend(source)
    expect(await dying.ended).toBe('SIGKILL')
    // What a kill between two moves leaves: the rows of one day.
    await world.sql(`CREATE TABLE ${db}.half AS ${db}.per_day`)
    await world.sql(`INSERT INTO ${db}.half VALUES ('2026-01-01', 10)`)
    await world.sql(`ALTER TABLE ${db}.per_day ATTACH PARTITION ID '20260101' FROM ${db}.half`)
    await world.sql(`DROP TABLE ${db}.half SYNC`)
    world.startWriter()
    await repaired()
    expect(await held(source)).toBe('30,30,30,30')
  })

  test('kills of the engine between repairs lose nothing and double nothing', async () => {
    const source = await brokenChain()
    world.startWriter()
    for (let batch = 0; batch < 6; batch += 1) await world.load(source, events(batch * 10, 10))
    await mend(source)
    for (let kill = 0; kill < 3; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100 * kill))
      await world.killEngine()
      await world.startEngine()
    }
    await repaired()
    expect(await held(source)).toBe('60,60,60,60')
  })
})

test('who asks after the writer died between confirming and telling hears that a view failed', async () => {
  const source = await brokenChain()
  const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: 'stored' })
  const last = await world.append(source, events(0, 10))
  expect(await dying.ended).toBe('SIGKILL')
  world.startWriter()
  expect(await world.loaded(source, last)).toMatchObject({ kind: 'view_failed' })
})
