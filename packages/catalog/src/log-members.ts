// Which writer owns which partitions of a shared log. A writer is a member as long as one session of its holds an advisory lock: when it
// dies Postgres frees the lock, and its partitions may be taken at once. Members share evenly; who has too many gives some back.
import { assert } from '@sandpiper/assert'
import { fault } from '@sandpiper/faults'
import type pg from 'pg'

import { type Database, giveUp, type Queryable } from './database.ts'

/** What a member is to do next. */
export interface Balance {
  /** Partitions that are this member's. */
  readonly owned: readonly number[]
  /** How many of them it is to give back, others having none or fewer. */
  readonly surplus: number
}

/** A writer among others. */
export interface LogMember {
  readonly id: number
  /** Resolves when the session is gone, or `balance` finds that the catalog knows nothing of it: the partitions are no longer ours. */
  readonly lost: Promise<void>
  /** Takes partitions that nobody has, up to a fair share; owns none once it is lost. */
  balance(): Promise<Balance>
  /** Gives a partition back once nothing of it runs any more. */
  giveBack(partition: number): Promise<void>
  /** Gives everything back. */
  close(): Promise<void>
}

/** The first of the two numbers of every advisory lock of members. */
const CLASS = 7_181
const BALANCING = 0

const LIVING = `SELECT m.id FROM log_members m JOIN pg_locks l
  ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = ${CLASS}::oid AND l.objid = m.id::oid
  JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database()`

/**
 * Makes the rows of a log's partitions, numbered from 1. @throws fault `log.unavailable` when the catalog knows another number of them:
 * workspaces would move between partitions, and their positions mean nothing there.
 */
export async function provideLogPartitions(database: Database, count: number): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.rows('SELECT pg_advisory_xact_lock($1, $2)', [CLASS, BALANCING])
    const [row] = await tx.rows<{ known: string }>(
      'SELECT count(*) AS known FROM writer_owner WHERE log_partition > 0',
    )
    const known = Number(row?.known)
    if (known === count) return
    if (known > 0)
      throw fault('log.unavailable', {
        public: 'The event log is not there.',
        internal: `the log has ${count} partitions, the catalog was made for ${known}`,
      })
    await tx.rows(
      `INSERT INTO writer_owner (log_partition, owner) SELECT p, '' FROM generate_series(1, $1::integer) AS p`,
      [count],
    )
    await tx.rows(
      'INSERT INTO writer_state (log_partition, read_from) SELECT p, 1 FROM generate_series(1, $1::integer) AS p',
      [count],
    )
  })
}

/** Becomes a member. @throws fault `catalog.unavailable`. */
export async function joinLog(database: Database): Promise<LogMember> {
  const client = await database.connectAlone()
  let lose: () => void = () => undefined
  const lost = new Promise<void>((resolve) => (lose = resolve))
  client.once('end', lose)
  const id = await enrol(client).catch((err: unknown) => {
    giveUp(client)
    throw err
  })
  return {
    id,
    lost,
    async balance() {
      const balanced = await database.transaction(async (tx) => {
        await tx.rows('SELECT pg_advisory_xact_lock($1, $2)', [CLASS, BALANCING])
        return balance(tx, id)
      })
      if (balanced !== null) return balanced
      // After a failover the session may hang at the former server for hours before it ends.
      lose()
      giveUp(client)
      return { owned: [], surplus: 0 }
    },
    async giveBack(partition) {
      await database.rows(
        'UPDATE writer_owner SET member = NULL WHERE log_partition = $1 AND member = $2',
        [partition, id],
      )
    },
    async close() {
      await database
        .rows('UPDATE writer_owner SET member = NULL WHERE member = $1', [id])
        .catch(() => undefined)
      await client.end()
    },
  }
}

/** The member's id, locked by the session. */
async function enrol(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    'INSERT INTO log_members DEFAULT VALUES RETURNING id',
  )
  const id = rows[0]?.id
  assert(id !== undefined, 'an INSERT returns its row')
  await client.query('SELECT pg_advisory_lock($1, $2)', [CLASS, id])
  return id
}

/** null when the member is not among the living. */
async function balance(tx: Queryable, id: number): Promise<Balance | null> {
  const living = new Set((await tx.rows<{ id: number }>(LIVING)).map((row) => row.id))
  if (!living.has(id)) return null
  await tx.rows('DELETE FROM log_members WHERE NOT id = ANY ($1::integer[])', [[...living]])
  const partitions = await tx.rows<{ log_partition: number; member: number | null }>(
    'SELECT log_partition, member FROM writer_owner WHERE log_partition > 0 ORDER BY log_partition FOR UPDATE',
  )
  const share = Math.ceil(partitions.length / living.size)
  const owned = partitions.filter(({ member }) => member === id).map((row) => row.log_partition)
  const free = partitions.filter(({ member }) => member === null || !living.has(member))
  const taken = free.slice(0, Math.max(0, share - owned.length)).map((row) => row.log_partition)
  await tx.rows('UPDATE writer_owner SET member = $1 WHERE log_partition = ANY ($2::integer[])', [
    id,
    taken,
  ])
  const all = [...owned, ...taken]
  return { owned: all, surplus: Math.max(0, all.length - share) }
}
