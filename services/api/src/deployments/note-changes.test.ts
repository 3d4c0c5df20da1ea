import { plainDataSource } from '@sandpiper/datafile'
import { emptyMap, type DeployedDataSource, type DeploymentMap } from '@sandpiper/deployment'
import { NO_OPS, type DataSourceOp } from '@sandpiper/telemetry'
import { expect, test } from 'vitest'

import { noteChanges } from './note-changes.ts'

function source(id: string, name: string, description: string | null = null): DeployedDataSource {
  const file = { ...plainDataSource(name, []), description }
  return { id, generation: 1, schemaVersion: 1, file, createdAt: '', updatedAt: '' }
}

function mapOf(...sources: DeployedDataSource[]): DeploymentMap {
  return {
    ...emptyMap(),
    dataSources: Object.fromEntries(sources.map((each) => [each.file.name, each])),
  }
}

test('each data source that a promotion made, changed, renamed or removed is noted once', () => {
  const noted: DataSourceOp[] = []
  noteChanges(
    { ...NO_OPS, dataSourceOp: (op) => noted.push(op) },
    {
      workspaceId: 'w',
      number: 7,
      before: mapOf(source('1', 'same'), source('2', 'old'), source('3', 'a'), source('4', 'gone')),
      after: mapOf(
        source('1', 'same'),
        source('2', 'new'),
        source('3', 'a', 'x'),
        source('5', 'b'),
      ),
      elapsedSeconds: 1.5,
    },
  )
  expect(noted.map((op) => [op.eventType, op.dataSourceName, op.dataSourceId])).toEqual([
    ['rename', 'new', '2'],
    ['alter', 'a', '3'],
    ['create', 'b', '5'],
    ['delete', 'gone', '4'],
  ])
  expect(noted[0]).toMatchObject({ operationId: 'deployment-7', options: { old_name: 'old' } })
})
