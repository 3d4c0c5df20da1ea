// The engine as a server elsewhere: another host, no files in common, and a network in between that loses, doubles and delays.
import type { FaultProxy, NetworkFault } from '@sandpiper/testkit'
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
  world = await startWorld({ remote: true })
  world.startWriter()
})
afterEach(() => {
  proxy().judge(null)
})
afterAll(() => world.stop())

function proxy(): FaultProxy {
  if (world.proxy === null) throw new Error('the engine is not remote')
  return world.proxy
}

/** A table of five partitions whose rows merge into sums, and a view behind it. */
async function chain(): Promise<WorldSource> {
  const source = await world.source(
    await world.workspace(),
    [column('a', 'Int64'), column('day', 'Date'), column('n', 'UInt64', '1')],
    'SummingMergeTree PARTITION BY day ORDER BY (day, a)',
  )
  const db = source.database
  await world.sql(
    `CREATE TABLE ${db}.per_day (day Date, n UInt64) ENGINE = SummingMergeTree ORDER BY day ${DURABLE}`,
  )
  await createView(
    world,
    source,
    'per_day',
    `SELECT day, sum(n) AS n FROM ${source.table} GROUP BY day`,
  )
  return source
}

function events(from: number, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => ({
    a: from + i,
    day: `2026-01-0${1 + ((from + i) % 5)}`,
  }))
}

function held(source: WorldSource): Promise<string> {
  return world.value(
    `SELECT ((SELECT (sum(n), uniqExact(a)) FROM ${source.table}), (SELECT sum(n) FROM ${source.database}.per_day))`,
  )
}

/** Meets the first `times` of the statements that write rows into a live table. */
function meetLoads(fault: NetworkFault, times = 1): void {
  let left = times
  proxy().judge(({ sql }) => (/^INSERT INTO `ws_/.test(sql) && left-- > 0 ? fault : 'pass'))
}

describe.each([
  ['the answer to a load is lost', 'lose-reply'],
  ['a proxy answers 500 to a load that was done', 'fail-after'],
  ['a proxy answers 503 to a load', 'fail-before'],
  ['a load is lost on its way', 'lose-request'],
  ['the answer to a load comes twice', 'double-reply'],
] as const)('%s', (_what, fault) => {
  test('and every row is in table and view once', async () => {
    const source = await chain()
    meetLoads(fault)
    expect(await world.load(source, events(0, 50))).toEqual({ kind: 'loaded' })
    expect(await world.load(source, events(50, 50))).toEqual({ kind: 'loaded' })
    expect(await held(source)).toBe('100,100,100')
  })
})

describe('a load that is delayed until its writer is gone', () => {
  afterEach(async () => {
    proxy().judge(null)
    await world.writer().kill()
    world.startWriter()
  })

  test('does nothing any more when it arrives', async () => {
    const source = await chain()
    meetLoads('hold-request')
    const last = await world.append(source, events(0, 50))
    await expect.poll(() => proxy().held(), { timeout: 30_000 }).toBe(1)
    await world.writer().kill()
    world.startWriter()
    expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
    const answers = await proxy().release()
    // What it was to read is gone.
    expect(answers.map(({ status }) => status)).toEqual([404])
    expect(await held(source)).toBe('50,50,50')
  })

  test('and whose answer never came is found to be done', async () => {
    const source = await chain()
    meetLoads('hold-reply')
    const last = await world.append(source, events(0, 50))
    await expect.poll(() => held(source), { timeout: 30_000 }).toBe('50,50,50')
    await world.writer().kill()
    world.startWriter()
    expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
    expect(await held(source)).toBe('50,50,50')
  })
})

test('a load that reaches the next life of the server finds its rows gone, and is no success', async () => {
  const source = await chain()
  meetLoads('hold-request')
  const last = await world.append(source, events(0, 50))
  await expect.poll(() => proxy().held(), { timeout: 30_000 }).toBe(1)
  await world.killEngine()
  await world.startEngine()
  const answers = await proxy().release()
  expect(answers.map(({ status }) => status >= 400)).toEqual([true])
  expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
  expect(await held(source)).toBe('50,50,50')
}, 90_000)

test('block numbers that begin anew with the server double nothing', async () => {
  const source = await world.source(await world.workspace(), [column('a', 'Int64')])
  for (let a = 0; a < 3; a += 1) await world.load(source, [{ a }])
  // What a TTL leaves of a table whose rows are all too old: nothing, on disk either.
  await world.sql(`TRUNCATE TABLE ${source.table} SYNC`)
  await world.killEngine()
  await world.startEngine()
  await world.load(source, [{ a: 3 }])
  expect(await world.value(`SELECT groupArray(a) FROM ${source.table}`)).toBe('3')
}, 90_000)

test('whatever statement meets whatever fault: table, view and quarantine are as if none had', async () => {
  const source = await chain()
  const random = seeded(20261122)
  const faults: NetworkFault[] = [
    'lose-reply',
    'fail-after',
    'fail-before',
    'lose-request',
    'double-reply',
  ]
  proxy().judge((): NetworkFault => {
    if (random() > 0.08) return 'pass'
    return faults[Math.floor(random() * faults.length)] ?? 'pass'
  })
  let last = 0
  for (let batch = 0; batch < 12; batch += 1) {
    const refused = batch % 3 === 0 ? [{ c__error: ['bad'], c__raw: `${batch}` }] : []
    last = await world.append(source, events(batch * 20, 20), { refused })
    if (batch % 4 === 3) await world.loaded(source, last)
  }
  expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
  proxy().judge(null)
  expect(await held(source)).toBe('240,240,240')
  expect(
    await world.value(
      `SELECT groupArray(c__raw) FROM (SELECT c__raw FROM ${source.quarantine} ORDER BY toUInt8(c__raw))`,
    ),
  ).toBe('0,3,6,9')
}, 180_000)

test('rows that the server refuses are quarantined with its message, the others are stored', async () => {
  const source = await world.source(await world.workspace(), [column('a', 'Int64')])
  await world.load(source, [{ a: 1 }, { a: 'no number' }, { a: 2 }])
  expect(
    await world.value(`SELECT groupArray(a) FROM (SELECT a FROM ${source.table} ORDER BY a)`),
  ).toBe('1,2')
  expect(
    await world.value(
      `SELECT countIf(position(c__error[1], 'annot parse') > 0) FROM ${source.quarantine}`,
    ),
  ).toBe('1')
})

test('one batch is one block, a default is that of its schema, and nothing names a file', async () => {
  const source = await world.source(await world.workspace(), [
    column('a', 'Int64'),
    column('b', 'Int64', 'a * 2'),
  ])
  const rows = Array.from({ length: 70_000 }, (_, a) => ({ a }))
  await world.load(source, rows)
  expect(await world.value(`SELECT (count(), sum(b - 2 * a)) FROM ${source.table}`)).toBe('70000,0')
  const [database, table] = source.table.split('.')
  expect(
    await world.value(
      `SELECT max(max_block_number) FROM system.parts WHERE database = '${String(database)}' AND table = '${String(table)}'`,
    ),
  ).toBe('1')
  expect(proxy().statements.filter((sql) => sql.includes('file('))).toEqual([])
})

test('what was staged is taken away', async () => {
  await world.load(await chain(), events(0, 10))
  await expect
    .poll(() =>
      world.value(
        `SELECT groupArray(name) FROM system.tables WHERE database = 'sandpiper_staging'`,
      ),
    )
    .toBe('life')
})

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
