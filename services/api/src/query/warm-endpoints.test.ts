import type { PipeFile } from '@sandpiper/datafile'
import { emptyMap, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { createLogger } from '@sandpiper/telemetry'
import { expect, test, vi } from 'vitest'

import { createWarmEndpoints } from './warm-endpoints.ts'

function pipe(name: string, sql: string, type: 'endpoint' | 'standard' = 'endpoint'): DeployedPipe {
  const file: PipeFile = {
    ...{ kind: 'pipe', name, description: null, tokens: [], tags: null, settings: {} },
    nodes: [{ name: 'n', sql, type, description: null, settings: {} }],
  }
  const at = '2026-11-21T00:00:00.000Z'
  const id = `t_${name.padStart(32, 'a')}`
  return { id, nodeIds: [`${id}0`], view: null, createdAt: at, updatedAt: at, file }
}

function mapOf(...pipes: DeployedPipe[]): DeploymentMap {
  return { ...emptyMap(), pipes: Object.fromEntries(pipes.map((each) => [each.file.name, each])) }
}

const logger = createLogger({ service: 'test', level: 'fatal' })
const WORKSPACE = '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'

test('all endpoints of a map are judged once, with the values that they have by default', async () => {
  const checked: string[] = []
  const check = ({ sql }: { sql: string }) => {
    checked.push(sql)
    return sql.includes('refused') ? Promise.reject(new Error('refused')) : Promise.resolve()
  }
  const secretsOf = () => Promise.resolve(new Map([['key', 'value of a secret']]))
  const warm = createWarmEndpoints({ catalog: { secretsOf } as never, logger }, check)
  const map = mapOf(
    pipe('first', "%\nSELECT {{Int32(n, 5)}} AS x, {{tb_secret('key')}} AS s"),
    pipe('refused', "SELECT 'refused' AS x"),
    pipe('needy', '%\nSELECT {{Int32(must, required=True)}} AS x'),
    pipe('inner', 'SELECT 1 AS x', 'standard'),
    pipe('last', 'SELECT 9 AS x'),
  )
  warm(WORKSPACE, map)
  warm(WORKSPACE, map)
  await vi.waitFor(() => {
    expect(checked).toContain('SELECT 9 AS x')
  })
  warm(WORKSPACE, map)
  warm(WORKSPACE, mapOf(pipe('other', 'SELECT 7 AS x')))
  await vi.waitFor(() => {
    expect(checked).toHaveLength(4)
  })
  expect(checked[0]).toMatch(/toInt32\('5'\) AS x/)
  expect(checked.join()).not.toContain('value of a secret')
  expect(checked.slice(1)).toEqual(["SELECT 'refused' AS x", 'SELECT 9 AS x', 'SELECT 7 AS x'])
})
