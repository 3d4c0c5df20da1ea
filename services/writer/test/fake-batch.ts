// A batch for tests of what is decided about one.
import type { Column } from '@sandpiper/datafile'
import type { Batch } from '../src/batch.ts'

export function column(name: string, type: string): Column {
  return { name, type, jsonPath: `$.${name}`, default: null, codec: null }
}

export function fakeBatch(more: Partial<Batch>): Batch {
  const columns = [column('a', 'Int64')]
  const schema = { dataSourceId: 't_1', version: 1, workspaceId: '1', generation: 0, columns }
  return {
    ...{ dataSourceId: 't_1', workspaceId: '1', frames: [], fromSequence: 1, toSequence: 1 },
    ...{ schema, database: 'ws_1', table: 't_1_0', quarantineTable: null, targets: [] },
    ...more,
  }
}
