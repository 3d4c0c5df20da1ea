import { SYSTEM_WORKSPACE_ID } from '@sandpiper/deployment'
import type { NewFrame } from '@sandpiper/eventlog'
import { fault } from '@sandpiper/faults'
import { createOpsSender, type DataSourceOp } from '@sandpiper/telemetry'
import { expect, test } from 'vitest'

import { hostOps } from './host-ops.ts'

const OP: DataSourceOp = {
  ...{ workspaceId: '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10', eventType: 'append-hfi', error: null },
  ...{ dataSourceId: 't_1', dataSourceName: 'visits', elapsedSeconds: 0, rows: 1 },
  rowsQuarantine: 0,
}

function host(): { frames: NewFrame[]; ops: ReturnType<typeof hostOps> } {
  const frames: NewFrame[] = []
  const missing = fault('resource.missing', { public: 'no workspace' })
  const ops = hostOps({
    log: { append: (frame) => Promise.resolve(frames.push(frame)) },
    catalog: { liveMap: () => Promise.reject(missing) },
    now: () => 1_700_000_000_000,
  })
  return { frames, ops }
}

test('rows of one second are one frame per table, of the system workspace', async () => {
  const { frames, ops } = host()
  for (let n = 0; n < 3; n += 1) ops.ops.dataSourceOp(OP)
  await ops.buffer.flush()
  expect(frames).toHaveLength(1)
  expect(frames[0]).toMatchObject({
    workspaceId: SYSTEM_WORKSPACE_ID,
    rowCount: 3,
    refusedCount: 0,
  })
  const [line] = String(frames[0]?.rows).split('\n')
  expect(JSON.parse(line ?? '')).toMatchObject({ workspace_id: OP.workspaceId, rows: 1 })
})

test('what is done to the tables of these rows leaves no rows', async () => {
  const { frames, ops } = host()
  ops.ops.dataSourceOp({ ...OP, workspaceId: SYSTEM_WORKSPACE_ID })
  await ops.buffer.flush()
  expect(frames).toEqual([])
})

test('rows of the writer are taken, other notes are left to others', async () => {
  const { frames, ops } = host()
  const sender = createOpsSender((note) => ops.receive(note))
  sender.add({ table: 'block_log', json: '{"workspace_id":"x","datasource_name":""}' })
  sender.flush()
  expect(ops.receive({ topic: 'metrics' })).toBe(false)
  await new Promise(setImmediate)
  await ops.buffer.flush()
  expect(frames.map((frame) => frame.rowCount)).toEqual([1])
})
