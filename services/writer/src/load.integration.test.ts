import { compileSchema, decodeBody } from '@sandpiper/rows'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  column,
  createView,
  DURABLE,
  newId,
  startWorld,
  type World,
  type WorldSource,
} from '../test/writer-world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
  world.startWriter()
})
afterAll(() => world.stop())

const EVENT = [column('a', 'Int64'), column('day', 'Date')]

/** A source with a view per day and a chained view of the total. */
async function chain(workspaceId: string, engine?: string): Promise<WorldSource> {
  const source = await world.source(workspaceId, EVENT, engine)
  const db = source.database
  await world.sql(
    `CREATE TABLE ${db}.per_day (day Date, c UInt64) ENGINE = SummingMergeTree ORDER BY day ${DURABLE}`,
  )
  await world.sql(
    `CREATE TABLE ${db}.total (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k ${DURABLE}`,
  )
  await createView(
    world,
    source,
    'per_day',
    `SELECT day, count() AS c FROM ${source.table} GROUP BY day`,
  )
  await createView(
    world,
    source,
    'total',
    `SELECT 1 AS k, sum(c) AS c FROM ${db}.per_day GROUP BY k`,
  )
  return source
}

function events(from: number, count: number, days = 9): unknown[] {
  return Array.from({ length: count }, (_, i) => ({ a: from + i, day: dayOf(i % days) }))
}

function dayOf(n: number): string {
  return new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)
}

describe('what was appended arrives', () => {
  test('exactly the rows appended are in the table, its view and a chained view', async () => {
    const source = await chain(await world.workspace())
    let last = 0
    for (let batch = 0; batch < 5; batch += 1)
      last = await world.append(source, events(batch * 100, 100))
    expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
    expect(await world.value(`SELECT (count(), uniqExact(a)) FROM ${source.table}`)).toBe('500,500')
    expect(await world.value(`SELECT sum(c) FROM ${source.database}.per_day`)).toBe('500')
    expect(await world.value(`SELECT sum(c) FROM ${source.database}.total`)).toBe('500')
  })

  test('a Null table keeps nothing and its views get every row', async () => {
    const source = await chain(await world.workspace(), 'Null')
    await world.load(source, events(0, 50))
    await world.load(source, events(50, 50))
    expect(await world.value(`SELECT sum(c) FROM ${source.database}.total`)).toBe('100')
  })

  test('64-bit integers and decimals are stored digit for digit', async () => {
    const columns = [
      column('u', 'UInt64'),
      column('i', 'Int64'),
      column('d', 'Decimal(38, 10)'),
      column('n', 'Nullable(UInt64)'),
      column('t', "DateTime64(3, 'UTC')"),
      column('s', 'DateTime'),
      column('f', 'UInt64', 'u - 1'),
    ]
    const source = await world.source(await world.workspace(), columns)
    const body = Buffer.from(
      '{"u":18446744073709551615,"i":-9223372036854775808,"d":1234567890123456789012345678.0123456789,"t":"2026-01-02T03:04:05.678Z","s":"2026-01-02T05:04:05+02:00"}\n',
    )
    const decoded = await decodeBody(body, compileSchema(columns), { now: Date.now })
    expect(decoded.refusedCount).toBe(0)
    await world.load(source, [decoded.rows.toString().trimEnd()])
    const stored = 'SELECT toString((u, i, toString(d), n, t, s, f)) FROM ' + source.table
    expect(await world.value(stored)).toBe(
      "(18446744073709551615,-9223372036854775808,'1234567890123456789012345678.0123456789',NULL,'2026-01-02 03:04:05.678','2026-01-02 03:04:05',18446744073709551614)",
    )
  })

  test('a batch over 150 partitions is stored whole, in a view of as many partitions too', async () => {
    const source = await world.source(
      await world.workspace(),
      EVENT,
      'MergeTree PARTITION BY day ORDER BY a',
    )
    const db = source.database
    await world.sql(
      `CREATE TABLE ${db}.per_day (day Date, c UInt64) ENGINE = SummingMergeTree PARTITION BY day ORDER BY day ${DURABLE}`,
    )
    await createView(
      world,
      source,
      'per_day',
      `SELECT day, count() AS c FROM ${source.table} GROUP BY day`,
    )
    expect(await world.load(source, events(0, 450, 150))).toEqual({ kind: 'loaded' })
    expect(
      await world.value(`SELECT (count(), uniqExact(_partition_id)) FROM ${source.table}`),
    ).toBe('450,150')
    expect(await world.value(`SELECT (sum(c), uniqExact(_partition_id)) FROM ${db}.per_day`)).toBe(
      '450,150',
    )
  })

  test('a target reached along two ways gets the rows of both, once', async () => {
    const source = await world.source(await world.workspace(), EVENT)
    const db = source.database
    await world.sql(
      `CREATE TABLE ${db}.both (a Int64, way String) ENGINE = MergeTree ORDER BY a ${DURABLE}`,
    )
    await createView(world, source, 'both', `SELECT a, 'one' AS way FROM ${source.table}`)
    await createView(world, source, 'both', `SELECT a, 'other' AS way FROM ${source.table}`)
    await world.load(source, events(0, 10))
    await world.load(source, events(10, 10))
    expect(await world.value(`SELECT (count(), uniqExact(a, way)) FROM ${db}.both`)).toBe('40,40')
    expect(await world.value(`SELECT count() FROM ${source.table}`)).toBe('20')
  })

  test('two data sources that feed one target both arrive in it', async () => {
    const workspaceId = await world.workspace()
    const [one, other] = [
      await world.source(workspaceId, EVENT),
      await world.source(workspaceId, EVENT),
    ]
    const db = one.database
    await world.sql(`CREATE TABLE ${db}.both (a Int64) ENGINE = MergeTree ORDER BY a ${DURABLE}`)
    await createView(world, one, 'both', `SELECT a FROM ${one.table}`)
    await createView(world, other, 'both', `SELECT a FROM ${other.table}`)
    const loads = Array.from({ length: 10 }, (_, i) => [
      world.load(one, events(i * 10, 10)),
      world.load(other, events(1000 + i * 10, 10)),
    ])
    await Promise.all(loads.flat())
    expect(await world.value(`SELECT (count(), uniqExact(a)) FROM ${db}.both`)).toBe('200,200')
  })
})

describe('what cannot be stored is not lost', () => {
  test('refused lines of the log are in the quarantine table', async () => {
    const source = await world.source(await world.workspace(), EVENT)
    const refused = [
      { a: 'x', c__error_column: ['a'], c__error: ['no number'], c__raw: '{"a":"x"}' },
    ]
    await world.load(source, [{ a: 1, day: dayOf(0) }], { refused })
    await world.load(source, [], { refused })
    const read = `SELECT (count(), any(a), any(c__error_column), any(c__raw), any(insertion_date) > now() - 600) FROM ${source.quarantine}`
    expect(await world.value(read)).toBe('2,x,a,{"a":"x"},1')
    expect(await world.value(`SELECT count() FROM ${source.table}`)).toBe('1')
  })

  test('rows that the engine refuses are quarantined with its message, their neighbours are stored', async () => {
    const source = await chain(await world.workspace())
    const rows = [
      ...events(0, 40),
      { a: 'seven', day: dayOf(0) },
      ...events(40, 40),
      { a: 1, day: 'never' },
    ]
    expect(await world.load(source, rows)).toEqual({ kind: 'loaded' })
    expect(await world.value(`SELECT (count(), uniqExact(a)) FROM ${source.table}`)).toBe('80,80')
    expect(await world.value(`SELECT sum(c) FROM ${source.database}.total`)).toBe('80')
    expect(
      await world.value(`SELECT arraySort(groupArray(c__raw)) FROM ${source.quarantine}`),
    ).toBe(`{"a":"seven","day":"${dayOf(0)}"},{"a":1,"day":"never"}`)
    const reasons = `SELECT countIf(position(c__error[1], 'annot parse') > 0 AND position(c__error[1], 'spool') = 0) FROM ${source.quarantine}`
    expect(await world.value(reasons)).toBe('2')
  })

  test('a view that throws for one row costs neither the table nor the other views a row', async () => {
    const source = await chain(await world.workspace())
    const db = source.database
    await world.sql(`CREATE TABLE ${db}.picky (a Int64) ENGINE = MergeTree ORDER BY a ${DURABLE}`)
    await world.sql(`CREATE TABLE ${db}.behind (c UInt64) ENGINE = MergeTree ORDER BY c ${DURABLE}`)
    const view = await createView(
      world,
      source,
      'picky',
      `SELECT throwIf(a = 13, 'thirteen') + a AS a FROM ${source.table}`,
    )
    await createView(world, source, 'behind', `SELECT count() AS c FROM ${db}.picky`)
    const outcome = await world.load(source, events(0, 20))
    expect(outcome.kind).toBe('view_failed')
    expect(outcome).toHaveProperty('message', expect.stringContaining('thirteen'))
    expect(await world.load(source, events(20, 20))).toEqual({ kind: 'loaded' })
    expect(await world.load(source, events(40, 20))).toEqual({ kind: 'loaded' })

    expect(await world.value(`SELECT (count(), uniqExact(a)) FROM ${source.table}`)).toBe('60,60')
    expect(await world.value(`SELECT sum(c) FROM ${db}.total`)).toBe('60')
    expect(await world.value(`SELECT (count(), min(a)) FROM ${db}.picky`)).toBe('40,20')
    expect(await world.value(`SELECT sum(c) FROM ${db}.behind`)).toBe('40')
    const missing = await world.missing()
    expect(missing.map((each) => [each.view, each.dataSourceId])).toEqual([[view, source.id]])

    const turn = await world.log.turn(source.workspaceId, AbortSignal.timeout(10_000))
    await world.sql(`DROP TABLE ${db}.${view} SYNC`)
    await turn.release()
    await world.load(source, events(60, 1))
    await expect.poll(() => world.missing()).toEqual([])
  })
})

describe('limits', () => {
  test('a view that needs more memory than there is ends as failing and does not hold up its table', async () => {
    const source = await chain(await world.workspace())
    const db = source.database
    await world.sql(`CREATE TABLE ${db}.greedy (n UInt64) ENGINE = MergeTree ORDER BY n ${DURABLE}`)
    await createView(
      world,
      source,
      'greedy',
      `SELECT (SELECT length(groupArray(number)) FROM numbers(${3 * 10 ** 8})) AS n FROM ${source.table}`,
    )
    const outcome = await world.load(source, events(0, 20))
    expect(outcome.kind).toBe('view_failed')
    expect(await world.value(`SELECT (count(), uniqExact(a)) FROM ${source.table}`)).toBe('20,20')
    expect(await world.value(`SELECT sum(c) FROM ${db}.total`)).toBe('20')
  })
})

describe('a lane that cannot advance', () => {
  test('holds up neither another lane nor a turn of its own workspace, and loses nothing', async () => {
    const workspaceId = await world.workspace()
    const stuck = await world.source(workspaceId, EVENT)
    const other = await world.source(workspaceId, EVENT)
    // A default that the engine cannot compute: no row of this version can be loaded, and no row is to blame.
    const columns = [column('a', 'Int64'), column('day', 'Date', 'no_such_function()')]
    await world.catalog.putSchemas([{ ...stuck.schema, version: 2, columns }])
    const last = await world.append(stuck, events(0, 5), { schemaVersion: 2 })
    for (let load = 0; load < 6; load += 1) await world.load(other, events(load * 5, 5))
    expect(await world.value(`SELECT count() FROM ${other.table}`)).toBe('30')
    const turn = await world.log.turn(workspaceId, AbortSignal.timeout(20_000))
    await turn.release()
    expect(await world.value(`SELECT count() FROM ${stuck.quarantine}`)).toBe('0')
    const { openBatches, readFrom } = await world.catalog.writerState()
    expect(openBatches.map((batch) => batch.dataSourceId)).toEqual([stuck.id])
    expect(readFrom).toBe(last)
  })
})

describe('the views of one workspace', () => {
  const withView = async (workspaceId: string, condition: string): Promise<WorldSource> => {
    const source = await world.source(workspaceId, EVENT)
    const target = newId()
    await world.sql(
      `CREATE TABLE ${source.database}.${target} (a Int64) ENGINE = MergeTree ORDER BY a ${DURABLE}`,
    )
    await createView(world, source, target, `SELECT a FROM ${source.table} WHERE ${condition}`)
    return source
  }

  test('that take their time do not hold up another', async () => {
    const bad = await world.workspace()
    const slow = 'sleep(2.5) = 0 AND sleep(2.4) = 0'
    const sources = await Promise.all([1, 2, 3, 4].map(() => withView(bad, slow)))
    const quick = await withView(await world.workspace(), '1')
    let ended = 0
    const all = sources.map(async (source) => {
      await world.load(source, events(0, 5))
      ended += 1
    })
    const sleeping = `SELECT count() FROM system.processes WHERE startsWith(query, 'INSERT') AND position(query, '${sources[0]?.database ?? ''}') > 0`
    await expect
      .poll(async () => Number(await world.value(sleeping)), { timeout: 15_000 })
      .toBeGreaterThan(2)
    for (let load = 0; load < 3; load += 1)
      expect(await world.load(quick, events(load, 1))).toEqual({ kind: 'loaded' })
    expect(ended).toBe(0)
    await Promise.all(all)
  })

  test('that throw do not hold up another', async () => {
    const bad = await world.workspace()
    const throwing = "throwIf(1, 'always') = 0"
    const sources = await Promise.all([1, 2, 3, 4].map(() => withView(bad, throwing)))
    const quick = await withView(await world.workspace(), '1')
    const all = sources.map((source) => world.load(source, events(0, 5)))
    for (let load = 0; load < 3; load += 1)
      expect(await world.load(quick, events(load, 1))).toEqual({ kind: 'loaded' })
    const kinds = (await Promise.all(all)).map(({ kind }) => kind)
    expect(kinds).toEqual(sources.map(() => 'view_failed'))
  })
})

describe('turns', () => {
  test('while a turn is held nothing is loaded, and everything after', async () => {
    const source = await chain(await world.workspace())
    const other = await chain(await world.workspace())
    await world.load(source, events(0, 10))
    const turn = await world.log.turn(source.workspaceId, AbortSignal.timeout(10_000))
    const last = await world.append(source, events(10, 10))
    // Another workspace goes on, so the writer had the time.
    await world.load(other, events(0, 10))
    await world.load(other, events(10, 10))
    expect(await world.value(`SELECT count() FROM ${source.table}`)).toBe('10')
    await turn.release()
    await world.loaded(source, last)
    expect(await world.value(`SELECT count() FROM ${source.table}`)).toBe('20')
  })

  test('frames of an older schema version take the defaults of a column added in place', async () => {
    const source = await world.source(await world.workspace(), EVENT)
    await world.load(source, events(0, 10))
    const turn = await world.log.turn(source.workspaceId, AbortSignal.timeout(10_000))
    await world.append(source, events(10, 10))
    await world.sql(
      `ALTER TABLE ${source.table} ADD COLUMN extra String DEFAULT concat('d', toString(a))`,
    )
    const columns = [...EVENT, column('extra', 'String', "concat('d', toString(a))")]
    await world.catalog.putSchemas([{ ...source.schema, version: 2, columns }])
    const last = await world.append(
      source,
      [
        { a: 20, day: dayOf(0), extra: 'given' },
        { a: 21, day: dayOf(0) },
      ],
      { schemaVersion: 2 },
    )
    await turn.release()
    await world.loaded(source, last)
    expect(
      await world.value(
        `SELECT (count(), countIf(extra = concat('d', toString(a)))) FROM ${source.table}`,
      ),
    ).toBe('22,21')
    expect(await world.value(`SELECT extra FROM ${source.table} WHERE a = 20`)).toBe('given')
  })

  test('a view made under a turn gets the rows that come after it', async () => {
    const source = await world.source(await world.workspace(), EVENT)
    await world.load(source, events(0, 10))
    const turn = await world.log.turn(source.workspaceId, AbortSignal.timeout(10_000))
    await world.sql(
      `CREATE TABLE ${source.database}.late (a Int64) ENGINE = MergeTree ORDER BY a ${DURABLE}`,
    )
    await createView(world, source, 'late', `SELECT a FROM ${source.table}`)
    await turn.release()
    await world.load(source, [...events(10, 5), { a: 'x', day: dayOf(0) }])
    expect(await world.value(`SELECT (count(), min(a)) FROM ${source.database}.late`)).toBe('5,10')
  })
})

describe('what is gone', () => {
  test('frames of a removed table are passed over, and those after them are loaded', async () => {
    const workspaceId = await world.workspace()
    const [gone, kept] = [
      await world.source(workspaceId, EVENT),
      await world.source(workspaceId, EVENT),
    ]
    await world.load(gone, events(0, 1))
    const turn = await world.log.turn(workspaceId, AbortSignal.timeout(10_000))
    const last = await world.append(gone, events(1, 5))
    await world.sql(`DROP TABLE ${gone.table} SYNC`)
    await turn.release()
    expect((await world.loaded(gone, last)).kind).toBe('view_failed')
    expect(await world.load(kept, events(0, 5))).toEqual({ kind: 'loaded' })
  })

  test('a frame whose schema version nobody knows is passed over', async () => {
    const source = await world.source(await world.workspace(), EVENT)
    await world.append({ ...source, id: newId() }, events(0, 5))
    await world.append(source, events(0, 5), { schemaVersion: 99 })
    expect(await world.load(source, events(5, 5))).toEqual({ kind: 'loaded' })
    expect(await world.value(`SELECT count() FROM ${source.table}`)).toBe('5')
  })
})
