import { announceChange } from './change-feed.ts'
import type { Database } from './database.ts'
import type { KafkaState, KafkaStore } from './kafka-contract.ts'
import { isUuid } from './uuid.ts'

interface LiveRow {
  readonly id: string
  readonly main_id: string | null
  readonly live_deployment: number
}

interface StateRow {
  readonly data_source_id: string
  readonly state: KafkaState
}

/** The part of the catalog that knows Kafka data sources. */
export function createKafkaStore(database: Database): KafkaStore {
  return {
    async liveDeployments() {
      const rows = await database.rows<LiveRow>(
        'SELECT id, main_id, live_deployment FROM workspaces ORDER BY main_id IS NOT NULL, id',
      )
      return rows.map((row) => ({
        ...{ workspaceId: row.id, mainId: row.main_id, number: row.live_deployment },
      }))
    },
    async kafkaStates(workspaceId) {
      if (workspaceId !== undefined && !isUuid(workspaceId)) return new Map()
      const rows = await database.rows<StateRow>(
        'SELECT data_source_id, state FROM kafka_states WHERE $1::uuid IS NULL OR workspace_id = $1',
        [workspaceId ?? null],
      )
      return new Map(rows.map((row) => [row.data_source_id, row.state]))
    },
    async setKafkaState({ workspaceId, dataSourceId, state }) {
      await database.transaction(async (tx) => {
        await tx.rows(
          `INSERT INTO kafka_states (workspace_id, data_source_id, state)
           SELECT id, $2, $3 FROM workspaces WHERE id = $1
           ON CONFLICT (workspace_id, data_source_id) DO UPDATE SET state = excluded.state, changed_at = now()`,
          [workspaceId, dataSourceId, state],
        )
        await announceChange(tx, { kind: 'live', workspaceId })
      })
    },
  }
}
