// A third-party client, unmodified from npm.
import { Tinybird } from '@chronark/zod-bird'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createCaller, deployProject } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'

const PROJECT = {
  'datasources/audit__v1.datasource': [
    'SCHEMA >',
    '    `id` String `json:$.id`,',
    '    `tenantId` LowCardinality(String) `json:$.tenantId`,',
    '    `time` Int64 `json:$.time`,',
    "    `meta` String `json:$.meta` DEFAULT '{}'",
    'ENGINE "MergeTree"',
    'ENGINE_SORTING_KEY "tenantId, time"',
    'TOKEN "audit writer" APPEND',
  ].join('\n'),
  'endpoints/audit_of_tenant__v1.pipe': [
    'TOKEN "audit reader" READ',
    'NODE endpoint',
    'SQL >',
    '    %',
    '    SELECT id, time FROM audit__v1 WHERE tenantId = {{String(tenantId)}}',
    '    {% if defined(after) %} AND time > {{Int64(after)}} {% end %}',
    '    ORDER BY time',
    'TYPE endpoint',
  ].join('\n'),
}
const event = z.object({ id: z.string(), tenantId: z.string(), time: z.number().int() })

let product: Product
let writer: Tinybird
let reader: Tinybird

beforeAll(async () => {
  product = await startProduct()
  const admin = createCaller(product.url, product.tokens.workspace_admin_token)
  await deployProject(admin, PROJECT)
  const { tokens } = (await admin.get('/v0/tokens')).json as {
    tokens: { name: string; token: string }[]
  }
  const client = (name: string): Tinybird =>
    new Tinybird({ baseUrl: product.url, token: tokens.find((each) => each.name === name)!.token })
  writer = client('audit writer')
  reader = client('audit reader')
})
afterAll(() => product.stop())

test('events are ingested with the token of the data source and read with the token of the pipe', async () => {
  const publish = writer.buildIngestEndpoint({ datasource: 'audit__v1', event, wait: true })
  const query = reader.buildPipe({
    pipe: 'audit_of_tenant__v1',
    parameters: z.object({ tenantId: z.string(), after: z.number().optional() }),
    data: z.object({ id: z.string(), time: z.number().transform((ms) => new Date(ms)) }),
  })
  const sent = await publish([
    { id: '1', tenantId: 'acme', time: 1_768_471_200_000 },
    { id: '2', tenantId: 'other', time: 1_768_471_200_001 },
    { id: '3', tenantId: 'acme', time: 1_768_471_200_002 },
  ])
  expect(sent).toEqual({ successful_rows: 3, quarantined_rows: 0 })
  const all = await query({ tenantId: 'acme' })
  expect(all.data.map(({ id }) => id)).toEqual(['1', '3'])
  expect(all.data[0]?.time.toISOString()).toBe('2026-01-15T10:00:00.000Z')
  expect((await query({ tenantId: 'acme', after: 1_768_471_200_001 })).data).toHaveLength(1)
})

test('a token of one thing is refused for another', async () => {
  const publish = reader.buildIngestEndpoint({ datasource: 'audit__v1', event })
  await expect(publish({ id: '4', tenantId: 'acme', time: 1 })).rejects.toThrow('Unauthorized')
  const query = writer.buildPipe({ pipe: 'audit_of_tenant__v1', data: z.object({}) })
  await expect(query({})).rejects.toThrow('Unauthorized')
})

test('an error of the pipe reaches the caller with its text', async () => {
  const query = reader.buildPipe({ pipe: 'audit_of_tenant__v1', data: z.object({}) })
  await expect(query({})).rejects.toThrow(/Required parameter is not defined/)
})
