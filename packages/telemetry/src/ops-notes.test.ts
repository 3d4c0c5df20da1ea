import { expect, test } from 'vitest'

import { createOpsSender, opsRowsOf } from './ops-notes.ts'
import { createOpsRows, type OpsRow } from './ops-rows.ts'

const LINK_BYTES_MAX = 32 * 1024

test('rows arrive as they were given, in notes that the link carries', () => {
  const arrived: OpsRow[] = []
  const sizes: number[] = []
  const sender = createOpsSender((note) => {
    sizes.push(Buffer.byteLength(JSON.stringify({ kind: 'note', body: note })))
    arrived.push(...(opsRowsOf(JSON.parse(JSON.stringify(note))) ?? []))
    return true
  })
  const given = Array.from({ length: 400 }, (_, n) => ({
    table: 'block_log' as const,
    json: JSON.stringify({ n, text: '"é\\'.repeat(100) }),
  }))
  for (const row of given) sender.add(row)
  sender.flush()
  expect(arrived).toEqual(given)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(LINK_BYTES_MAX)
  expect(sizes.length).toBeLessThan(50)
})

test('what cannot be sent waits within bounds, and what has no room is counted', () => {
  let isBlocked = true
  let sent = 0
  const sender = createOpsSender((note) => {
    if (isBlocked) return false
    sent += opsRowsOf(note)?.length ?? 0
    return true
  })
  for (let n = 0; n < 5_100; n += 1) sender.add({ table: 'jobs_log', json: '{}' })
  sender.add({ table: 'jobs_log', json: `"${'x'.repeat(30_000)}"` })
  sender.flush()
  expect(sender.counters).toEqual({ sent: 0, dropped: 101 })
  isBlocked = false
  sender.flush()
  expect(sent).toBe(5_000)
})

test('notes of others, and rows of no table, are none', () => {
  expect(opsRowsOf(null)).toBeNull()
  expect(opsRowsOf({ topic: 'metrics', rows: [] })).toBeNull()
  expect(opsRowsOf({ topic: 'ops', rows: [['tokens', '{}'], ['block_log', 1], 7] })).toEqual([])
})

test('rows name their workspace, texts are bounded, and hidden workspaces leave none', () => {
  const rows: OpsRow[] = []
  const ops = createOpsRows(
    (row) => rows.push(row),
    () => 1_700_000_000_999,
    (workspaceId) => workspaceId === 'system',
  )
  const op = {
    ...{ eventType: 'append-hfi', dataSourceId: 't_1', dataSourceName: 'a', error: null },
    ...{ elapsedSeconds: 0.5, rows: 3, rowsQuarantine: 1 },
  }
  ops.dataSourceOp({ ...op, workspaceId: 'system' })
  ops.dataSourceOp({ ...op, workspaceId: 'w', error: `${'x'.repeat(1_999)}😀` })
  expect(rows).toHaveLength(1)
  const stored = JSON.parse(rows[0]?.json ?? '') as Record<string, unknown>
  expect(stored).toMatchObject({
    ...{ workspace_id: 'w', timestamp: 1_700_000_000, result: 'error', rows: 3 },
    ...{ rows_quarantine: 1, error: 'x'.repeat(1_999) },
  })
})
