import type { DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { expect, test } from 'vitest'

import { bringPartitions } from './partitions.ts'

const source = { file: { columns: [{ name: 'a' }] } } as unknown as DeployedDataSource
const from = { database: 'd', table: 'one', source }
const to = { database: 'd', table: 'other', source }

/** What the engine is asked when it ends the first statement by this. */
async function asked(error: Error): Promise<{ verbs: string[]; outcome: unknown }> {
  const verbs: string[] = []
  const clickhouse = {
    rows: () => Promise.resolve([]),
    command: ({ sql }: { readonly sql: string }) => {
      verbs.push(sql.split(' ')[0] ?? '')
      return verbs.length === 1 ? Promise.reject(error) : Promise.resolve()
    },
  }
  const outcome: unknown = await bringPartitions(clickhouse, from, to, ['p']).catch(
    (err: unknown) => err,
  )
  return { verbs, outcome }
}

test('a partition that cannot be linked is copied', async () => {
  expect(await asked(fault('query.failed', { public: 'different structure' }))).toEqual({
    verbs: ['ALTER', 'INSERT'],
    outcome: undefined,
  })
})

test('a partition that may have been linked, its answer lost, is never copied too', async () => {
  const lost = fault('engine.unavailable', { public: 'gone' })
  expect(await asked(lost)).toEqual({ verbs: ['ALTER'], outcome: lost })
})
