// Writers beside each other on a log in Kafka: killed, told to end, while tables are changed, while the broker is away. Nothing is lost and
// nothing doubled, in tables and in views.
import type { KafkaLog } from '@sandpiper/kafkalog'
import type { RunningWriter } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  rowFrame,
  type SharedSource,
  type SharedWorld,
  startSharedWorld,
} from '../test/shared-world.ts'

let world: SharedWorld
let log: KafkaLog
let writers: RunningWriter[]

beforeAll(async () => {
  world = await startSharedWorld()
  log = await world.openLog()
  writers = [world.startWriter(), world.startWriter()]
}, 120_000)
afterAll(async () => {
  await world.stop()
})

const soon = (): AbortSignal => AbortSignal.timeout(40_000)

async function loaded(source: SharedSource, sequence: number): Promise<void> {
  try {
    expect(await log.loaded(source.id, sequence, soon())).toEqual({ kind: 'loaded' })
  } catch (err) {
    const logs = writers.map((writer) => writer.log().slice(-6_000))
    throw new Error(logs.join('\n----\n'), { cause: err })
  }
}

/** Sends rows until told to end; tells which were acknowledged, and which may be there too. */
function sendRows(source: SharedSource, pauseMs = 2) {
  const acknowledged: number[] = []
  const unknown: number[] = []
  let last = 0
  let isEnding = false
  async function run(): Promise<void> {
    for (let n = 1; !isEnding; n += 1) {
      try {
        last = await log.append(rowFrame(source, n))
        acknowledged.push(n)
      } catch {
        unknown.push(n)
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  const running = run()
  return {
    sent: () => acknowledged.length,
    async end() {
      isEnding = true
      await running
      return { acknowledged, unknown, last }
    },
  }
}

/** Every acknowledged row is in the table once and in the view once, and no row that was not sent. */
async function expectExact(
  source: SharedSource,
  sender: ReturnType<typeof sendRows>,
): Promise<void> {
  const { acknowledged, unknown, last } = await sender.end()
  await loaded(source, last)
  const { rows, different, sum } = await world.state(source)
  expect(rows).toBe(different)
  const found = await world.clickhouse.rows<{ n: string }>({ sql: `SELECT n FROM ${source.table}` })
  const there = new Set(found.map((row) => Number(row.n)))
  expect(acknowledged.filter((n) => !there.has(n))).toEqual([])
  const known = new Set([...acknowledged, ...unknown])
  expect([...there].filter((n) => !known.has(n))).toEqual([])
  expect(sum).toBe([...there].reduce((total, n) => total + n, 0))
}

describe('two writers', () => {
  test('load what comes for several workspaces, and tell when it is loaded', async () => {
    const sources = await Promise.all([1, 2, 3, 4, 5, 6].map(() => world.source()))
    await Promise.all(
      sources.map(async (source) => {
        const sequences = await Promise.all([1, 2, 3].map((n) => log.append(rowFrame(source, n))))
        await loaded(source, Math.max(...sequences))
        expect(await world.state(source)).toEqual({ rows: 3, different: 3, sum: 6 })
      }),
    )
  })

  test('store a key once, though another gateway sends it again', async () => {
    const source = await world.source()
    const idempotencyHash = 'ab'.repeat(32)
    await log.append(rowFrame(source, 1, { idempotencyHash }))
    const other = await world.openLog()
    const second = await other.append(rowFrame(source, 1, { idempotencyHash }))
    await other.loaded(source.id, second, soon())
    expect(await world.state(source)).toEqual({ rows: 1, different: 1, sum: 1 })
  })

  test('change nothing in a workspace while somebody holds its turn, and go on after it', async () => {
    const source = await world.source()
    const sender = sendRows(source)
    for (let round = 0; round < 3; round += 1) {
      await expect.poll(() => sender.sent(), { timeout: 20_000 }).toBeGreaterThan(50 * (round + 1))
      const turn = await log.turn(source.workspaceId, soon())
      const before = await world.state(source)
      const sent = sender.sent()
      await expect.poll(() => sender.sent(), { timeout: 20_000 }).toBeGreaterThan(sent + 30)
      expect(await world.state(source)).toEqual(before)
      // A view that is made now gets every later row once: that is what turns are for.
      const copy = `${source.table}_copy${round}`
      await world.clickhouse.command({
        sql: `CREATE TABLE ${copy} (n Int64) ENGINE = MergeTree ORDER BY n`,
      })
      await world.clickhouse.command({ sql: `INSERT INTO ${copy} SELECT n FROM ${source.table}` })
      await world.clickhouse.command({
        sql: `CREATE MATERIALIZED VIEW ${copy}_view TO ${copy} AS SELECT n FROM ${source.table}`,
      })
      await turn.release()
    }
    await expectExact(source, sender)
    const { rows, sum } = await world.state(source)
    for (const round of [0, 1, 2]) {
      const [copied] = await world.clickhouse.rows<{ rows: string; sum: string }>({
        sql: `SELECT count() AS rows, sum(n) AS sum FROM ${source.table}_copy${round}`,
      })
      expect(copied).toEqual({ rows: String(rows), sum: String(sum) })
    }
  })

  test('lose and double nothing when each is killed again and again', async () => {
    const sources = await Promise.all([1, 2, 3, 4].map(() => world.source()))
    const senders = sources.map((source) => sendRows(source, 5))
    for (let round = 0; round < 6; round += 1) {
      const sent = senders.map((sender) => sender.sent())
      await expect
        .poll(() => senders.every((sender, index) => sender.sent() > (sent[index] ?? 0) + 40), {
          timeout: 30_000,
        })
        .toBe(true)
      const [killed, other] = writers as [RunningWriter, RunningWriter]
      await killed.kill()
      writers = [other, world.startWriter()]
    }
    for (const [index, sender] of senders.entries())
      await expectExact(sources[index] as SharedSource, sender)
  }, 180_000)

  test('hand over in order when one is told to end', async () => {
    const source = await world.source()
    const sender = sendRows(source)
    await expect.poll(() => sender.sent(), { timeout: 20_000 }).toBeGreaterThan(50)
    const [ending, other] = writers as [RunningWriter, RunningWriter]
    expect(await ending.stop()).toBe(0)
    expect(other.log()).not.toContain('in doubt')
    writers = [other, world.startWriter()]
    await expectExact(source, sender)
  })

  test('lose and double nothing when the broker is killed and comes back', async () => {
    const source = await world.source()
    const sender = sendRows(source)
    await expect.poll(() => sender.sent(), { timeout: 20_000 }).toBeGreaterThan(50)
    await world.kafka.kill9()
    await world.kafka.start()
    const sent = sender.sent()
    await expect.poll(() => sender.sent(), { timeout: 60_000 }).toBeGreaterThan(sent + 50)
    await expectExact(source, sender)
  }, 150_000)
})
