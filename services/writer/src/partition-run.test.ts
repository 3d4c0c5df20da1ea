import type { LogMember, PartitionCatalog } from '@sandpiper/catalog'
import { expect, test } from 'vitest'
import { type RunDeps, runPartition } from './partition-run.ts'

/** Only what is reached before the link. */
function partsOf(ended: string[], becomeWriter: () => Promise<void>): RunDeps {
  const catalog: Partial<PartitionCatalog> = {
    becomeWriter,
    writerState: () =>
      Promise.resolve({ readFrom: 5, progress: [], openBatches: [], viewFailures: [] }),
    lowestMissing: () => Promise.resolve(null),
    close() {
      ended.push('catalog')
      return Promise.resolve()
    },
  }
  const mirrored = {
    ...{ dir: '/nowhere', socketPath: '/nowhere/mirror.sock' },
    ...{ failed: new Promise<void>(() => undefined), unneeded: () => undefined },
    stop() {
      ended.push('copy')
      return Promise.resolve()
    },
  }
  return {
    shared: { writerOf: () => Promise.resolve(catalog) },
    mirror: { start: () => Promise.resolve(mirrored) },
    newId: () => 'id',
  } as unknown as RunDeps
}

const run = (deps: RunDeps) =>
  runPartition(deps, {} as Parameters<typeof runPartition>[1], 1, {} as LogMember)

test('a partition whose copy cannot be read leaves neither the copy nor its part of the catalog open', async () => {
  const ended: string[] = []
  await expect(run(partsOf(ended, () => Promise.resolve()))).rejects.toMatchObject({
    code: 'log.unavailable',
  })
  expect(ended).toEqual(['copy', 'catalog'])
})

test('a partition that is somebody else’s leaves nothing open', async () => {
  const ended: string[] = []
  const others = new Error('not ours')
  await expect(run(partsOf(ended, () => Promise.reject(others)))).rejects.toBe(others)
  expect(ended).toEqual(['catalog'])
})
