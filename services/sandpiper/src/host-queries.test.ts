import { createFairSlots } from '@sandpiper/clickhouse'
import { expect, test } from 'vitest'

import { countBranches } from './host-queries.ts'

const never = new AbortController().signal
const MAINS: Readonly<Record<string, string | null>> = {
  main: null,
  b1: 'main',
  b2: 'main',
  other: null,
}

test('branches share the places of their workspace, and each is looked up once', async () => {
  const asked: string[] = []
  const findWorkspace = (id: string) => {
    asked.push(id)
    const mainId = MAINS[id] ?? null
    return Promise.resolve({ id, name: id, mainId, createdAt: '', liveDeployment: 0 })
  }
  const limits = { max: 4, perKeyMax: 2, waitingPerKeyMax: 0, waitMs: 1_000 }
  const slots = countBranches(createFairSlots(limits), { findWorkspace })
  const giveBack = await slots.take('main', never)
  await slots.take('b1', never)
  await expect(slots.take('b2', never)).rejects.toMatchObject({ code: 'limit.rate' })
  await slots.take('other', never)
  giveBack()
  await slots.take('b2', never)
  expect(slots.counters.running).toBe(3)
  expect(asked).toEqual(['main', 'b1', 'b2', 'other'])
})
