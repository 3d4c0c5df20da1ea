import type { NewFrame } from '@sandpiper/eventlog'
import { createLogger } from '@sandpiper/telemetry'
import { expect, test } from 'vitest'
import { openSharedKeys, type SharedKeyStore } from './open-shared-keys.ts'

const logger = createLogger({ service: 'test', level: 'silent' })
const WORKSPACE = '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'
const frame: NewFrame = {
  ...{ workspaceId: WORKSPACE, dataSourceId: 't_1', schemaVersion: 1, requestId: 'r' },
  ...{ arrivedAtMs: 1_000, idempotencyHash: null, rowCount: 2, refusedCount: 1 },
  ...{ rows: Buffer.from('{}\n'), refused: Buffer.alloc(0) },
}
const keyed = (key = 'k', bodyHash = 'ab'.repeat(16)) => ({ workspaceId: WORKSPACE, key, bodyHash })
const { signal } = new AbortController()

function open(find: SharedKeyStore['find'] = () => Promise.resolve(null), now = () => 1_500) {
  const appended: NewFrame[] = []
  const log = {
    append: (each: NewFrame) => Promise.resolve(appended.push(each)),
    durable: () => appended.length,
  }
  const keys = openSharedKeys({ log, store: { find }, ageMsMax: 1_000, now, logger })
  return { appended, keys }
}

test('what this process appended is answered from memory, another body is a conflict', async () => {
  const { appended, keys } = open()
  expect(await keys.appendOnce(frame, keyed(), signal)).toMatchObject({
    isReplay: false,
    sequence: 1,
  })
  expect(await keys.appendOnce(frame, keyed(), signal)).toMatchObject({
    isReplay: true,
    sequence: 1,
  })
  await expect(keys.appendOnce(frame, keyed('k', 'cd'.repeat(16)), signal)).rejects.toMatchObject({
    code: 'request.conflict',
  })
  expect(appended).toHaveLength(1)
  await keys.close()
})

test('what the writer met of another process is answered by the store, until it is too old', async () => {
  const asked: string[] = []
  let now = 1_500
  const { appended, keys } = open(
    (workspace, keyHash) => {
      asked.push(`${workspace} ${keyHash.length}`)
      const { dataSourceId, rowCount, refusedCount, arrivedAtMs } = frame
      const first = { dataSourceId, rowCount, refusedCount, arrivedAtMs }
      return Promise.resolve({ ...first, sequence: 77, bodyHash: 'ab'.repeat(16) })
    },
    () => now,
  )
  const replay = { isReplay: true, sequence: 77, rowCount: 2, refusedCount: 1 }
  expect(await keys.appendOnce(frame, keyed(), signal)).toMatchObject(replay)
  expect(asked).toEqual([`${WORKSPACE.replaceAll('-', '')} 32`])
  expect(appended).toEqual([])
  now = 2_001
  expect(await keys.appendOnce(frame, keyed(), signal)).toMatchObject({ isReplay: false })
  await keys.close()
})

test('a key whose store does not answer is refused: it may have been used', async () => {
  const { appended, keys } = open(() => Promise.reject(new Error('away')))
  await expect(keys.appendOnce(frame, keyed(), signal)).rejects.toThrow('away')
  expect(appended).toEqual([])
  await keys.close()
})
