// The catalog of a shared log on a real Postgres: turns, what is loaded, who owns what, keys. Sessions are killed, notes are lost.
import { createLogger } from '@sandpiper/telemetry'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Database } from './database.ts'
import type { LogMember } from './log-members.ts'
import { NotTheWriter } from './not-the-writer.ts'
import {
  openSharedLogCatalog,
  type PartitionCatalog,
  type SharedLogCatalog,
} from './open-shared-log.ts'
import { TURN_TIMES } from './shared-turns.ts'
import { openBeside, startCatalog, type TestCatalog } from './test-catalog.fixture.ts'
import { TurnHeld } from './turn-held.ts'

const PARTITIONS = 5
const WORKSPACE = 'w1'
const SHORT = { heldMs: 600, renewEveryMs: 100, lostAfterMs: 300, lookEveryMs: 10 }

let running: TestCatalog
let beside: Database
let open: SharedLogCatalog[] = []
let members: LogMember[] = []

beforeAll(async () => {
  running = await startCatalog()
  beside = openBeside(running)
  await shared().providePartitions(PARTITIONS)
})
afterAll(async () => {
  await beside.close()
  await running.stop()
})
beforeEach(() => async () => {
  await Promise.all(members.map((each) => each.close()))
  members = []
  await Promise.all(open.map((each) => each.close()))
  open = []
  await beside.rows('DELETE FROM writer_batches')
  await beside.rows('UPDATE workspace_turns SET held_until = NULL, holder = NULL')
})

/** As another process. */
function shared(turnTimes = { ...TURN_TIMES, lookEveryMs: 10 }): SharedLogCatalog {
  const { connection } = running.postgres
  const logger = createLogger({ service: 'test', level: 'silent' })
  const catalog = openSharedLogCatalog({ connection, logger, turnTimes, connectionsMax: 4 })
  open.push(catalog)
  return catalog
}

async function isHeld(): Promise<boolean> {
  const rows = await beside.rows('SELECT 1 FROM workspace_turns WHERE holder IS NOT NULL')
  return rows.length > 0
}

interface Loading {
  readonly catalog: PartitionCatalog
  readonly member: LogMember
  /** Closed and opened workspaces, as they were told. */
  readonly told: string[]
}

async function writer(partition = 1, from = shared()): Promise<Loading> {
  const member = await from.join()
  members.push(member)
  await member.balance()
  const catalog = await from.writerOf(partition, member)
  const told: string[] = []
  catalog.listen({
    closed: (id) => told.push(`closed ${id}`),
    opened: (id) => told.push(`opened ${id}`),
  })
  await catalog.becomeWriter(`writer ${member.id}`)
  return { catalog, member, told }
}

const batch = (fromSequence = 1, inFlightOf: string | null = WORKSPACE) => ({
  ...{ dataSourceId: 't_1', fromSequence, toSequence: fromSequence, state: {} },
  inFlightOf,
})
const confirmation = (toSequence = 1) => ({
  ...{ dataSourceId: 't_1', toSequence, readFrom: toSequence + 1 },
})
const soon = (): AbortSignal => AbortSignal.timeout(20_000)

describe('a turn', () => {
  test('comes when what is in flight is confirmed, and until its release no batch begins', async () => {
    const { catalog, member, told } = await writer()
    await catalog.beginBatch(batch(1))
    const asking = shared()
    let isGiven = false
    const given = asking.turn(WORKSPACE, soon()).then((turn) => {
      isGiven = true
      return turn
    })
    await expect.poll(isHeld).toBe(true)
    await expect(catalog.beginBatch(batch(2))).rejects.toBeInstanceOf(TurnHeld)
    // What is in flight may say more of itself.
    await catalog.beginBatch(batch(1))
    expect(isGiven).toBe(false)
    await catalog.confirmBatch(confirmation(1))
    const turn = await given
    await expect(catalog.beginBatch(batch(2))).rejects.toBeInstanceOf(TurnHeld)
    await catalog.beginBatch({ ...batch(2), dataSourceId: 't_2', inFlightOf: 'another' })
    await turn.release()
    await expect.poll(() => told).toEqual([`closed ${WORKSPACE}`, `opened ${WORKSPACE}`])
    await catalog.beginBatch(batch(2))
    await member.close()
  })

  test('is not given while a batch of a dead writer is in doubt', async () => {
    const { catalog, member } = await writer()
    await catalog.beginBatch(batch(1))
    await member.close()
    const asked = shared().turn(WORKSPACE, AbortSignal.timeout(300))
    await expect(asked).rejects.toMatchObject({ code: 'server.busy' })
  })

  test('that a writer never heard of makes its picture of the tables too old to begin with', async () => {
    const { catalog, member, told } = await writer()
    await beside.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`,
    )
    const turn = await shared().turn(WORKSPACE, soon())
    await turn.release()
    await expect(catalog.beginBatch(batch())).rejects.toBeInstanceOf(TurnHeld)
    await expect.poll(() => told.at(-1)).toBe(`opened ${WORKSPACE}`)
    await catalog.beginBatch(batch())
    await member.close()
  })

  test('is one at a time, and the next one waits for the release', async () => {
    const first = await shared().turn(WORKSPACE, soon())
    await expect(shared().turn(WORKSPACE, AbortSignal.timeout(200))).rejects.toMatchObject({
      code: 'server.busy',
    })
    await first.release()
    const next = await shared().turn(WORKSPACE, soon())
    await next.release()
  })

  test('outlives the loss of every connection, renewed by the next one', async () => {
    const turn = await shared({ ...SHORT, heldMs: 2_000, lostAfterMs: 1_500 }).turn(
      WORKSPACE,
      soon(),
    )
    await beside.rows(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    )
    const held = async (): Promise<boolean> => {
      const [row] = await beside.rows<{ is_held: boolean }>(
        `SELECT held_until > clock_timestamp() + interval '1500 milliseconds' AS is_held FROM workspace_turns WHERE workspace_id = $1`,
        [WORKSPACE],
      )
      return row?.is_held === true
    }
    await expect.poll(held, { timeout: 5_000 }).toBe(true)
    expect(turn.signal.aborted).toBe(false)
    await turn.release()
  })

  test('that cannot be renewed is lost, before anybody else gets it', async () => {
    const turn = await shared(SHORT).turn(WORKSPACE, soon())
    await beside.rows(
      `UPDATE workspace_turns SET holder = 'somebody else' WHERE workspace_id = $1`,
      [WORKSPACE],
    )
    await expect.poll(() => turn.signal.aborted, { timeout: 5_000 }).toBe(true)
    // The row of a process that died is free once its time is over.
    const next = await shared().turn(WORKSPACE, soon())
    await next.release()
  })
})

describe('who waits for rows', () => {
  const place = (sequence: number, dataSourceId = 't_1') => ({
    ...{ partition: 1, dataSourceId, sequence },
  })

  test('is told with the confirmation, and late askers by the progress', async () => {
    const { catalog, member } = await writer()
    const gateway = shared()
    const waiting = gateway.loaded(place(41), soon())
    await catalog.confirmBatch(confirmation(41))
    await expect(waiting).resolves.toEqual({ kind: 'loaded' })
    await expect(shared().loaded(place(40), soon())).resolves.toEqual({ kind: 'loaded' })
    // Of a data source that has no frame there: everything up to there is passed.
    await expect(shared().loaded(place(41, 't_none'), soon())).resolves.toEqual({ kind: 'loaded' })
    await expect(gateway.loaded(place(42), AbortSignal.timeout(50))).rejects.toMatchObject({
      code: 'server.busy',
    })
    await expect(
      gateway.loaded({ ...place(41), partition: 2 }, AbortSignal.timeout(50)),
    ).rejects.toMatchObject({ code: 'server.busy' })
    await member.close()
  })

  test('is told also when the notes were lost', async () => {
    const { catalog, member } = await writer()
    const gateway = shared()
    const waiting = gateway.loaded(place(50), soon())
    await beside.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`,
    )
    await catalog.confirmBatch(confirmation(50))
    await expect(waiting).resolves.toEqual({ kind: 'loaded' })
    await member.close()
  })

  test('hears of the view that failed, now and later', async () => {
    const { catalog, member } = await writer()
    const waiting = shared().loaded(place(60), soon())
    const missing = {
      ...{ view: 'v', dataSourceId: 't_1', fromSequence: 60, toSequence: 60 },
      ...{ workspaceId: WORKSPACE, schemaVersion: 1, details: {}, message: 'threw' },
      createdAtMs: 1,
    }
    await catalog.confirmBatch({ ...confirmation(60), missing: [missing] })
    const failed = { kind: 'view_failed', message: 'threw' }
    await expect(waiting).resolves.toEqual(failed)
    await expect(shared().loaded(place(60), soon())).resolves.toEqual(failed)
    await member.close()
  })
})

describe('writers of one log', () => {
  test('share its partitions evenly, and give back what others lack', async () => {
    const one = await shared().join()
    expect((await one.balance()).owned).toHaveLength(PARTITIONS)
    const two = await shared().join()
    expect(await two.balance()).toEqual({ owned: [], surplus: 0 })
    const { owned, surplus } = await one.balance()
    expect(surplus).toBe(2)
    for (const partition of owned.slice(-surplus)) await one.giveBack(partition)
    expect((await two.balance()).owned).toEqual(owned.slice(-surplus))
    await two.close()
    expect((await one.balance()).owned).toHaveLength(PARTITIONS)
    await one.close()
  })

  test('have what a killed one owned at once, and it can store nothing any more', async () => {
    const killed = await writer(3)
    const next = await shared().join()
    expect((await next.balance()).owned).not.toContain(3)
    await beside.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7181::oid AND objid = $1::integer::oid`,
      [killed.member.id],
    )
    await killed.member.lost
    expect((await next.balance()).owned).toContain(3)
    const catalog = await shared().writerOf(3, next)
    await catalog.becomeWriter('next')
    await expect(killed.catalog.beginBatch(batch())).rejects.toBeInstanceOf(NotTheWriter)
    await expect(killed.catalog.confirmBatch(confirmation())).rejects.toBeInstanceOf(NotTheWriter)
    await expect(killed.catalog.becomeWriter('again')).rejects.toBeInstanceOf(NotTheWriter)
    expect(await killed.member.balance()).toEqual({ owned: [], surplus: 0 })
    await next.close()
  })

  test('are lost when the catalog knows nothing of them, though their sessions never ended', async () => {
    const unknown = await shared().join()
    expect((await unknown.balance()).owned).toHaveLength(PARTITIONS)
    // As after a failover: the session is that of another server.
    await beside.rows('DELETE FROM log_members WHERE id = $1', [unknown.id])
    expect(await unknown.balance()).toEqual({ owned: [], surplus: 0 })
    await unknown.lost
    const sessions = () =>
      beside.rows(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 7181::oid AND objid = $1::integer::oid`,
        [unknown.id],
      )
    await expect.poll(sessions).toEqual([])
    const again = await shared().join()
    expect((await again.balance()).owned).toHaveLength(PARTITIONS)
    await again.close()
  })

  test('leave no session behind when they cannot join', async () => {
    await beside.rows('ALTER TABLE log_members RENAME TO log_members_away')
    try {
      await expect(shared().join()).rejects.toThrow('log_members')
    } finally {
      await beside.rows('ALTER TABLE log_members_away RENAME TO log_members')
    }
    const sessions = () =>
      beside.rows(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO log_members%'`)
    await expect.poll(sessions).toEqual([])
  })

  test('begin again what a log of other partitions left, as theirs, and confirm nothing of others', async () => {
    const insert = (fromSequence: number, partition: number) =>
      beside.rows(
        `INSERT INTO writer_batches (data_source_id, from_sequence, to_sequence, state, log_partition) VALUES ('t_1', $1, $1, '{}', $2)`,
        [fromSequence, partition],
      )
    await insert(1, 0)
    await insert(2, 0)
    const { catalog, member } = await writer()
    await catalog.beginBatch(batch(1))
    expect((await catalog.writerState()).openBatches).toMatchObject([{ fromSequence: 1 }])
    await catalog.confirmBatch(confirmation(9))
    const left = await beside.rows(
      'SELECT from_sequence::integer, log_partition FROM writer_batches',
    )
    expect(left).toEqual([{ from_sequence: 2, log_partition: 0 }])
    await member.close()
  })

  test('see each its own partition only', async () => {
    const from = shared()
    const member = await from.join()
    await member.balance()
    const of = async (partition: number): Promise<PartitionCatalog> => {
      const catalog = await from.writerOf(partition, member)
      await catalog.becomeWriter(`of ${partition}`)
      return catalog
    }
    const [four, five] = [await of(4), await of(5)]
    await four.confirmBatch({ dataSourceId: 't_4', toSequence: 9, readFrom: 10 })
    await five.beginBatch({ ...batch(7), dataSourceId: 't_5' })
    expect(await four.writerState()).toMatchObject({
      ...{ readFrom: 10, openBatches: [] },
      progress: [{ dataSourceId: 't_4', loadedUpTo: 9 }],
    })
    expect(await five.writerState()).toMatchObject({ readFrom: 1, progress: [] })
    expect((await five.writerState()).openBatches).toHaveLength(1)
    await member.close()
  })

  test('refuse a log with another number of partitions than the catalog knows', async () => {
    await expect(shared().providePartitions(PARTITIONS + 1)).rejects.toMatchObject({
      code: 'log.unavailable',
    })
    await shared().providePartitions(PARTITIONS)
  })
})

describe('keys', () => {
  const frame = (sequence: number, keyHash = 'ab'.repeat(16), arrivedAtMs = 1_000) => ({
    ...{ workspace: '00'.repeat(16), keyHash, bodyHash: 'cd'.repeat(16), sequence },
    ...{ dataSourceId: 't_1', rowCount: 1, refusedCount: 0, arrivedAtMs },
  })

  test('are the first frame’s, however often the frames are noted, until they are old', async () => {
    const { keys } = shared()
    const other = 'ef'.repeat(16)
    expect([...(await keys.note(1, [frame(5), frame(6), frame(7, other)], 500))]).toEqual([6])
    expect([...(await keys.note(1, [frame(5), frame(6), frame(7, other)], 500))]).toEqual([6])
    expect([...(await keys.note(1, [frame(8)], 500))]).toEqual([8])
    expect(await keys.find('00'.repeat(16), frame(5).keyHash)).toEqual(frame(5))
    expect([...(await keys.note(1, [frame(9, other, 1_501)], 500))]).toEqual([])
    expect(await keys.find('00'.repeat(16), other)).toMatchObject({ sequence: 9 })
    await keys.forget(1_400)
    expect(await keys.find('00'.repeat(16), frame(5).keyHash)).toBeNull()
    expect(await keys.find('00'.repeat(16), other)).not.toBeNull()
  })
})
