import { expect, test } from 'vitest'

import { createOpsBuffer, type OpsLines } from './ops-buffer.ts'

const row = (json: string) => ({ table: 'block_log' as const, json })

test('rows of a table are written together, once, in order', async () => {
  const written: OpsLines[] = []
  const buffer = createOpsBuffer((lines) => Promise.resolve(void written.push(lines)))
  buffer.add(row('1'))
  buffer.add({ table: 'jobs_log', json: '2' })
  buffer.add(row('3'))
  await buffer.flush()
  await buffer.flush()
  expect(written).toEqual([
    { table: 'block_log', lines: '1\n3\n', rows: 2 },
    { table: 'jobs_log', lines: '2\n', rows: 1 },
  ])
})

test('rows are written without being asked for when there are enough of them', async () => {
  const written: number[] = []
  const full = new Promise<void>((resolve) => {
    const buffer = createOpsBuffer(
      ({ rows }) => {
        written.push(rows)
        resolve()
        return Promise.resolve()
      },
      { flushRows: 3, flushMs: 3_600_000 },
    )
    for (const json of ['1', '2', '3']) buffer.add(row(json))
  })
  await full
  expect(written).toEqual([3])
})

test('what does not fit is left out and counted, by rows and by size, and there is room again after a write', async () => {
  const buffer = createOpsBuffer(() => Promise.resolve(), { rowsMax: 2, charactersMax: 10 })
  buffer.add(row('12345678901'))
  buffer.add(row('1'))
  buffer.add(row('2'))
  buffer.add(row('3'))
  expect(buffer.counters).toMatchObject({ taken: 2, dropped: 2 })
  await buffer.flush()
  buffer.add(row('4'))
  expect(buffer.counters).toMatchObject({ taken: 3, dropped: 2, written: 2 })
})

test('rows of a failed write keep their place and are written by the next', async () => {
  const written: string[] = []
  let isDown = true
  const buffer = createOpsBuffer(({ lines }) => {
    if (isDown) return Promise.reject(new Error('the disk is full'))
    written.push(lines)
    return Promise.resolve()
  })
  buffer.add(row('1'))
  await buffer.flush()
  buffer.add(row('2'))
  isDown = false
  await buffer.flush()
  expect(written).toEqual(['1\n2\n'])
  expect(buffer.counters).toMatchObject({ written: 2, dropped: 0, failedWrites: 1 })
})

test('closing writes what waits and takes nothing more', async () => {
  const written: string[] = []
  const buffer = createOpsBuffer(({ lines }) => Promise.resolve(void written.push(lines)))
  buffer.add(row('1'))
  await buffer.close()
  buffer.add(row('2'))
  await buffer.close()
  expect(written).toEqual(['1\n'])
  expect(buffer.counters.dropped).toBe(1)
})
