import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
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

const DAYS = 5

/** A table of several partitions, a view of other partitions, and a view behind the view. @param where a condition in each view. */
async function chain(where = '1'): Promise<WorldSource> {
  const source = await world.source(
    await world.workspace(),
    [column('a', 'Int64'), column('day', 'Date')],
    'MergeTree PARTITION BY day ORDER BY a',
  )
  const db = source.database
  await world.sql(
    `CREATE TABLE ${db}.per_day (day Date, odd UInt8, c UInt64) ENGINE = SummingMergeTree PARTITION BY odd ORDER BY (day, odd) ${DURABLE}`,
  )
  await world.sql(
    `CREATE TABLE ${db}.total (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k ${DURABLE}`,
  )
  await createView(
    world,
    source,
    'per_day',
    `SELECT day, a % 2 AS odd, count() AS c FROM ${source.table} WHERE ${where} GROUP BY day, odd`,
  )
  await createView(
    world,
    source,
    'total',
    `SELECT 1 AS k, sum(c) AS c FROM ${db}.per_day WHERE ${where} GROUP BY k`,
  )
  return source
}

function events(from: number, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => ({
    a: from + i,
    day: `2026-01-0${1 + ((from + i) % DAYS)}`,
  }))
}

/** What table and views hold, and what a single load of `count` rows must have put there. */
async function held(source: WorldSource): Promise<string> {
  const db = source.database
  return world.value(
    `SELECT ((SELECT (count(), uniqExact(a)) FROM ${source.table}), (SELECT sum(c) FROM ${db}.per_day), (SELECT sum(c) FROM ${db}.total))`,
  )
}

/** A table and a view of a partition per day. */
async function wide(): Promise<WorldSource> {
  const columns = [column('a', 'Int64'), column('day', 'Date')]
  const engine = 'MergeTree PARTITION BY day ORDER BY a'
  const source = await world.source(await world.workspace(), columns, engine)
  const db = source.database
  await world.sql(
    `CREATE TABLE ${db}.per_day (day Date, c UInt64) ENGINE = SummingMergeTree PARTITION BY day ORDER BY day ${DURABLE}`,
  )
  const select = `SELECT day, count() AS c FROM ${source.table} GROUP BY day`
  await createView(world, source, 'per_day', select)
  return source
}

function days(count: number, of: number): unknown[] {
  const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)
  return Array.from({ length: count }, (_, a) => ({ a, day: day(a % of) }))
}

/** Rows of table and view, and the partitions of both. */
function widthOf(source: WorldSource): Promise<string> {
  const partitions = (table: string): string => `(SELECT uniqExact(_partition_id) FROM ${table})`
  const view = `${source.database}.per_day`
  return world.value(
    `SELECT ((SELECT count() FROM ${source.table}), (SELECT sum(c) FROM ${view}), ${partitions(source.table)}, ${partitions(view)})`,
  )
}

function allOf(count: number): string {
  return [count, count, count, count].join(',')
}

describe('kill -9 of the writer', () => {
  for (const step of ['begun', 'spooled', 'inserted', 'confirmed']) {
    test(`at "${step}" loses nothing and doubles nothing`, async () => {
      const source = await chain()
      const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: step })
      const refused = [{ c__error: ['bad'], c__raw: 'x' }]
      const last = await world.append(source, events(0, 100), { refused })
      expect(await dying.ended).toBe('SIGKILL')
      world.startWriter()
      expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
      await world.load(source, events(100, 10))
      expect(await held(source)).toBe(allOf(110))
      expect(await world.value(`SELECT count() FROM ${source.quarantine}`)).toBe('1')
    })
  }

  test.each(['scratched', 'placed'])(
    'at "%s" loses nothing and doubles nothing of a batch placed target by target',
    async (step) => {
      const source = await chain()
      const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: step })
      const last = await world.append(source, [...events(0, 100), { a: 'x', day: '2026-01-01' }])
      expect(await dying.ended).toBe('SIGKILL')
      world.startWriter()
      expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
      expect(await held(source)).toBe(allOf(100))
      expect(await world.value(`SELECT count() FROM ${source.quarantine}`)).toBe('1')
      expect(
        await world.value(
          `SELECT count() FROM system.databases WHERE startsWith(name, 'writer_scratch')`,
        ),
      ).toBe('0')
    },
  )

  for (const step of ['abandoned', 'inserted'])
    test(`at "${step}" of a batch over 150 partitions loses nothing and doubles nothing`, async () => {
      const source = await wide()
      const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: step })
      const last = await world.append(source, days(300, 150))
      expect(await dying.ended).toBe('SIGKILL')
      world.startWriter()
      expect(await world.loaded(source, last)).toEqual({ kind: 'loaded' })
      expect(await widthOf(source)).toBe('300,300,150,150')
    })

  test('a batch that reached some partitions of the table and no view is completed', async () => {
    const source = await chain()
    world.startWriter()
    await world.load(source, events(0, 20))
    await world.writer().stop()
    const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: 'spooled' })
    const last = await world.append(source, events(20, 100))
    expect(await dying.ended).toBe('SIGKILL')
    // What a kill between the renames of two parts leaves: rows of two days of the batch, and nothing in the views.
    const db = source.database
    await world.sql(`CREATE TABLE ${db}.half AS ${source.table}`)
    await world.sql(
      `INSERT INTO ${db}.half SELECT number AS a, toDate('2026-01-01') + number % ${DAYS} AS day FROM numbers(20, 100) WHERE number % ${DAYS} < 2`,
    )
    for (const day of ['20260101', '20260102'])
      await world.sql(`ALTER TABLE ${source.table} ATTACH PARTITION ID '${day}' FROM ${db}.half`)
    await world.sql(`DROP TABLE ${db}.half SYNC`)
    world.startWriter()
    await world.loaded(source, last)
    expect(await held(source)).toBe(allOf(120))
  })

  test('a turn is not given before a batch in doubt is settled', async () => {
    const source = await chain()
    const dying = world.startWriter({ SANDPIPER_WRITER_DIE_AT: 'inserted' })
    await world.append(source, events(0, 100))
    expect(await dying.ended).toBe('SIGKILL')
    expect((await world.catalog.writerState()).openBatches).toHaveLength(1)
    world.startWriter()
    const turn = await world.log.turn(source.workspaceId, AbortSignal.timeout(20_000))
    expect((await world.catalog.writerState()).openBatches).toHaveLength(0)
    await turn.release()
    expect(await held(source)).toBe(allOf(100))
  })
})

test('scratch databases of a former life are removed at the start', async () => {
  const source = await chain()
  await world.sql('CREATE DATABASE writer_scratch_left_1 ENGINE = Atomic')
  world.startWriter()
  await world.load(source, events(0, 1))
  const left = `SELECT count() FROM system.databases WHERE startsWith(name, 'writer_scratch')`
  expect(await world.value(left)).toBe('0')
})

describe('a batch in doubt', () => {
  test('keeps its lane: another source of the same target cannot pass for it', async () => {
    const workspaceId = await world.workspace()
    const columns = [column('a', 'Int64')]
    const one = await world.source(workspaceId, columns)
    const other = await world.source(workspaceId, columns)
    const db = one.database
    await world.sql(`CREATE TABLE ${db}.both (a Int64) ENGINE = MergeTree ORDER BY a ${DURABLE}`)
    await createView(world, one, 'both', `SELECT a FROM ${one.table}`)
    await createView(world, other, 'both', `SELECT a FROM ${other.table}`)
    // As a writer leaves it that was killed before its insert. At the next start the frame of the other source is met first.
    const first = await world.append(one, [{ a: 1 }])
    const others = await world.append(other, [{ a: 2 }])
    const last = await world.append(one, [{ a: 3 }])
    const names = [one.table, one.quarantine, `${db}.both`].map((each) => each.split('.')[1])
    const before = Object.fromEntries(names.map((name = '') => [name, {}] as const))
    await world.catalog.beginBatch({
      ...{ dataSourceId: one.id, fromSequence: first, toSequence: last },
      state: { workspaceId, attempt: { id: 'abc', before } },
    })
    world.startWriter()
    await world.loaded(one, last)
    await world.loaded(other, others)
    expect(await world.value(`SELECT arraySort(groupArray(a)) FROM ${db}.both`)).toBe('1,2,3')
  })

  test('whose frames the log has no more holds up neither its data source nor a turn', async () => {
    const source = await chain()
    const lost = await world.append(await chain(), events(0, 1))
    const state = { workspaceId: source.workspaceId, attempt: { id: 'abc', before: {} } }
    const range = { fromSequence: lost, toSequence: lost }
    await world.catalog.beginBatch({ dataSourceId: source.id, ...range, state })
    const last = await world.append(source, events(0, 10))
    world.startWriter()
    await world.loaded(source, last)
    expect(await held(source)).toBe(allOf(10))
    const turn = await world.log.turn(source.workspaceId, AbortSignal.timeout(20_000))
    await turn.release()
    expect((await world.catalog.writerState()).openBatches).toEqual([])
  })

  test('is settled without a target that was dropped behind its back', async () => {
    const source = await chain()
    world.startWriter()
    await world.load(source, events(0, 10))
    await world.sql(`DROP TABLE ${source.database}.total SYNC`)
    await world.load(source, events(10, 10))
    await world.load(source, events(20, 10))
    expect(await world.value(`SELECT (count(), uniqExact(a)) FROM ${source.table}`)).toBe('30,30')
    expect(await world.value(`SELECT sum(c) FROM ${source.database}.per_day`)).toBe('30')
  })
})

describe('kill -9 of the engine', () => {
  test('while it writes a batch over 150 partitions: nothing lost, nothing doubled', async () => {
    const source = await wide()
    world.startWriter()
    const last = await world.append(source, days(300, 150))
    const parts = `SELECT count() FROM system.parts WHERE database = '${source.database}'`
    while (Number(await world.value(parts)) === 0) await pause(5)
    await world.killEngine()
    await world.startEngine()
    await world.loaded(source, last)
    expect(await widthOf(source)).toBe('300,300,150,150')
  })

  test.skipIf(!hasStrace())(
    'at the rename of a part, of the table or a view: nothing lost, nothing doubled',
    async () => {
      const source = await chain()
      world.startWriter()
      await world.load(source, events(0, 10))
      // The nth rename of a load: parts of five days, then those of the views.
      for (const [index, when] of [1, 6].entries()) {
        const tracing = await killAtRename(world.enginePid(), when)
        const last = await world.append(source, events(10 + index * 10, 10))
        await tracing.ended
        await world.startEngine()
        await world.loaded(source, last)
        expect(await held(source)).toBe(allOf(20 + index * 10))
      }
    },
  )

  test('after every row of a table expired: block numbers begin anew, and the next batch is stored once', async () => {
    const source = await world.source(await world.workspace(), [column('a', 'Int64')])
    world.startWriter()
    for (let a = 0; a < 5; a += 1) await world.load(source, [{ a }])
    // What a TTL leaves of a table whose rows are all too old: nothing, on disk either.
    await world.sql(`TRUNCATE TABLE ${source.table} SYNC`)
    await world.killEngine()
    await world.startEngine()
    await world.load(source, [{ a: 5 }])
    expect(await world.value(`SELECT groupArray(a) FROM ${source.table}`)).toBe('5')
  })

  test('twenty times under load: nothing lost, nothing doubled, in the table and both views', async () => {
    const random = seeded(20261121)
    // Views that take their time, so that kills fall between the parts of one load.
    const source = await chain('sleep(0.04) = 0')
    world.startWriter()
    let sent = 0
    let last = 0
    for (let cycle = 0; cycle < 20; cycle += 1) {
      const count = 1 + Math.floor(random() * 400)
      last = await world.append(source, events(sent, count))
      sent += count
      await pause(random() * 200)
      await world.killEngine()
      // Every third time the writer goes too: it must find out what it does not remember.
      if (cycle % 3 === 2) {
        await world.writer().kill()
        world.startWriter()
      }
      await world.startEngine()
      // The last load of the cycle before may still be settled: the next kill meets a load that just began.
      await world.loaded(source, last)
    }
    await world.loaded(source, last)
    expect(await held(source)).toBe(allOf(sent))
  }, 180_000)
})

function hasStrace(): boolean {
  return spawnSync('strace', ['-V']).status === 0
}

/** Attaches strace, which kills the process as it enters its nth rename from then on. */
async function killAtRename(pid: number, nth: number): Promise<{ ended: Promise<unknown> }> {
  const inject = `renameat,renameat2,rename:signal=KILL:when=${nth}`
  const args = [
    '-f',
    '-p',
    String(pid),
    '-e',
    'trace=renameat,renameat2,rename',
    '-e',
    `inject=${inject}`,
  ]
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(tracer, 'exit')
  // It says so for each thread, once it follows it.
  await once(tracer.stderr, 'data')
  return { ended }
}

/** Mulberry32: the same kills at every run, as far as the machine allows. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
