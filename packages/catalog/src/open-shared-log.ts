// What processes that share a log keep in the catalog beside it: turns, what is loaded, who writes what, keys.
import type { Logger } from '@sandpiper/telemetry'

import {
  createConfirmedPositions,
  type ConfirmedOutcome,
  type LogPlace,
} from './confirmed-positions.ts'
import { CONFIRMED_CHANNEL } from './confirmed-notes.ts'
import { type Database, openDatabase, type PostgresConnection } from './database.ts'
import { type TurnListener, type WatchedTurns, watchTurns } from './known-turns.ts'
import { listenAgain } from './listen-again.ts'
import { createLogKeys, type LogKeys } from './log-keys.ts'
import { joinLog, type LogMember, provideLogPartitions } from './log-members.ts'
import { createMissingStore } from './missing-store.ts'
import type { WriterCatalog } from './open-writer-catalog.ts'
import { createSchemaStore } from './schema-store.ts'
import { type SharedTurn, takeSharedTurn, TURNS_CHANNEL, type TurnTimes } from './shared-turns.ts'
import { createWriterStore } from './writer-store.ts'

/** The catalog of a shared log. It migrates nothing and never sees a token. */
export interface SharedLogCatalog {
  /** Waits until no batch of the workspace is in flight and lets none begin. @throws fault `server.busy` (503) | `catalog.unavailable`. */
  turn(workspaceId: string, signal: AbortSignal): Promise<SharedTurn>
  /** Resolves when every target holds the data source's frames up to the place. @throws fault `server.busy` (503) on abort. */
  loaded(place: LogPlace, signal: AbortSignal): Promise<ConfirmedOutcome>
  /** The workspace of a data source that ever had a schema, or null. */
  workspaceOf(dataSourceId: string): Promise<string | null>
  /** How many writers own a partition now. */
  writers(): Promise<number>
  readonly keys: LogKeys
  /** See provideLogPartitions. */
  providePartitions(count: number): Promise<void>
  join(): Promise<LogMember>
  /** What the writer of one partition works with. Open it before it looks at any table. */
  writerOf(partition: number, member: LogMember): Promise<PartitionCatalog>
  close(): Promise<void>
}

/** The writer's part of the catalog, for one partition. */
export interface PartitionCatalog extends WriterCatalog {
  /** Told of workspaces whose tables others change. One listener. */
  listen(listener: TurnListener): void
}

/** Opens a pool and listens; resolves at once, whether Postgres is there or not. */
export function openSharedLogCatalog(options: {
  readonly connection: PostgresConnection
  readonly logger: Logger
  /** Default 8. */
  readonly connectionsMax?: number
  /** For tests. */
  readonly turnTimes?: TurnTimes
}): SharedLogCatalog {
  const { logger, turnTimes } = options
  const database = openDatabase(options)
  const positions = createConfirmedPositions(database, logger)
  const watched = new Set<WatchedTurns>()
  const lookAtTurns = (): void => {
    for (const turns of watched) turns.look()
  }
  const listening = listenAgain(database, logger, [CONFIRMED_CHANNEL, TURNS_CHANNEL], {
    heard(channel, text) {
      if (channel === CONFIRMED_CHANNEL) positions.heard(text)
      else lookAtTurns()
    },
    connected() {
      positions.look()
      lookAtTurns()
    },
  })
  return {
    turn: (workspaceId, signal) =>
      takeSharedTurn(
        { database, logger, ...(turnTimes === undefined ? {} : { times: turnTimes }) },
        workspaceId,
        signal,
      ),
    loaded: (place, signal) => positions.wait(place, signal),
    async workspaceOf(dataSourceId) {
      const [row] = await database.rows<{ id: string }>(
        'SELECT workspace_id AS id FROM data_source_schemas WHERE data_source_id = $1 LIMIT 1',
        [dataSourceId],
      )
      return row?.id ?? null
    },
    async writers() {
      const [row] = await database.rows<{ count: string }>(
        'SELECT count(DISTINCT member) AS count FROM writer_owner WHERE member IS NOT NULL',
      )
      return Number(row?.count ?? 0)
    },
    keys: createLogKeys(database),
    providePartitions: (count) => provideLogPartitions(database, count),
    join: () => joinLog(database),
    writerOf: (partition, member) =>
      openPartition({ database, logger, watched }, partition, member),
    async close() {
      positions.close()
      await listening.close()
      await database.close()
    },
  }
}

/** The writer's part; its turns are looked at while it is open. */
async function openPartition(
  deps: {
    readonly database: Database
    readonly logger: Logger
    readonly watched: Set<WatchedTurns>
  },
  partition: number,
  member: LogMember,
): Promise<PartitionCatalog> {
  const { database, logger, watched } = deps
  const turns = await watchTurns(database, logger)
  watched.add(turns)
  const place = { name: null, partition, member: member.id, turns }
  const { schema } = createSchemaStore(database)
  return {
    schema,
    ...createWriterStore(database, place),
    ...createMissingStore(database, place),
    listen: (listener) => {
      turns.listen(listener)
    },
    close() {
      watched.delete(turns)
      turns.close()
      return Promise.resolve()
    },
  }
}
