// The unmodified SDK's low-level API and client, over a project deployed by plain HTTP.
import { createClient, createJWT, createTinybirdApi, type TinybirdApi } from '@tinybirdco/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCaller, projectForm } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'

const PROJECT = {
  'orders.datasource': [
    'SCHEMA >',
    '    `id` UInt64 `json:$.id`,',
    '    `at` DateTime64(3) `json:$.at`,',
    '    `amount` Decimal(18, 2) `json:$.amount`,',
    '    `tags` Array(String) `json:$.tags[:]`',
    'ENGINE MergeTree',
    'ENGINE_SORTING_KEY id',
  ].join('\n'),
  'orders_over.pipe': [
    'NODE over',
    'SQL >',
    '    %',
    '    SELECT id, amount FROM orders',
    "    WHERE amount > {{Float64(least, 0)}} {% if defined(ids) %} AND id IN {{Array(ids, 'UInt64')}} {% end %}",
    '    ORDER BY id',
    'TYPE endpoint',
  ].join('\n'),
}
const ORDERS = [
  { id: 9_007_199_254_740_993n, at: '2026-01-15 10:00:00.123', amount: '12.30', tags: ['a', 'b'] },
  { id: 2, at: '2026-01-15 10:00:01.000', amount: '99.99', tags: [] },
]

let product: Product
let api: TinybirdApi

beforeAll(async () => {
  product = await startProduct()
  const token = product.tokens.workspace_admin_token
  api = createTinybirdApi({ baseUrl: product.url, token })
  const deployed = await createCaller(product.url, token).post(
    '/v1/deploy?auto_promote=true',
    projectForm(PROJECT),
  )
  expect(deployed.json, deployed.text).toMatchObject({ result: 'success' })
})
afterAll(() => product.stop())

test('ingest waits, and the rows are there: 64-bit integers and decimals exact', async () => {
  expect(await api.ingestBatch('orders', ORDERS)).toEqual({
    successful_rows: 2,
    quarantined_rows: 0,
  })
  const { data } = await api.sql(
    'SELECT toString(id) AS id, toString(amount) AS amount, tags FROM orders ORDER BY orders.id',
  )
  expect(data).toEqual([
    { id: '2', amount: '99.99', tags: [] },
    { id: '9007199254740993', amount: '12.3', tags: ['a', 'b'] },
  ])
})

test('query passes numbers and repeated keys as parameters', async () => {
  const all = await api.query<{ id: number }>('orders_over', { least: 50 })
  expect(all.data.map(({ id }) => id)).toEqual([2])
  expect(all.meta).toEqual([
    { name: 'id', type: 'UInt64' },
    { name: 'amount', type: 'Decimal(18, 2)' },
  ])
  expect((await api.query('orders_over', { ids: [2, 3] })).data).toHaveLength(1)
})

test('sql answers rows, statistics and meta', async () => {
  const answer = await api.sql<{ orders: number }>('SELECT count() AS orders FROM orders')
  expect(answer).toMatchObject({ data: [{ orders: 2 }], rows: 1 })
  expect(answer.statistics.elapsed).toBeGreaterThanOrEqual(0)
})

test("an error arrives as the SDK's error with status and message", async () => {
  await expect(api.query('nothing_here', {})).rejects.toMatchObject({
    name: 'TinybirdApiError',
    statusCode: 404,
  })
  await expect(api.sql('SELECT no_such_column FROM orders')).rejects.toMatchObject({
    statusCode: 400,
    message: expect.stringContaining('no_such_column') as string,
  })
})

test('createJWT makes tokens that read and append what their scopes, fixed parameters and filters say', async () => {
  const config = { baseUrl: product.url, token: product.tokens.workspace_admin_token }
  const expiresAt = new Date(Date.now() + 600_000)
  const { token } = await createJWT(config, {
    ...{ name: 'page', expiresAt, limits: { rps: 1_000 } },
    scopes: [
      { type: 'PIPES:READ', resource: 'orders_over', fixed_params: { least: 50 } },
      { type: 'DATASOURCES:READ', resource: 'orders', filter: 'id = 2' },
      { type: 'DATASOURCES:APPEND', resource: 'orders' },
    ],
  })
  const page = createTinybirdApi({ baseUrl: product.url, token })
  expect(
    (await page.query<{ id: number }>('orders_over', { least: 0 })).data.map(({ id }) => id),
  ).toEqual([2])
  expect((await page.sql('SELECT toString(id) AS id FROM orders')).data).toEqual([{ id: '2' }])
  expect(await page.ingestBatch('orders', [{ ...ORDERS[1], id: 3 }])).toMatchObject({
    successful_rows: 1,
  })
  expect((await api.sql('SELECT count() AS c FROM orders')).data).toEqual([{ c: 3 }])
  expect((await page.sql('SELECT count() AS c FROM orders')).data).toEqual([{ c: 1 }])
  await expect(page.truncateDatasource('orders')).rejects.toMatchObject({ statusCode: 403 })
  await expect(
    createJWT({ ...config, token }, { name: 'x', expiresAt, scopes: [] }),
  ).rejects.toMatchObject({
    ...{ name: 'TokenApiError', status: 403 },
  })
  await expect(createJWT(config, { name: 'x', expiresAt, scopes: [] })).rejects.toMatchObject({
    status: 400,
  })
})

test('truncate empties the data source', async () => {
  await api.truncateDatasource('orders')
  expect((await api.sql('SELECT count() AS c FROM orders')).data).toEqual([{ c: 0 }])
})

test('the client says who it is and needs no branch outside dev mode', async () => {
  const client = createClient({
    baseUrl: product.url,
    token: product.tokens.workspace_admin_token,
    devMode: false,
  })
  expect(await client.getContext()).toMatchObject({ isBranchToken: false })
  expect((await client.sql('SELECT 1 AS one')).data).toEqual([{ one: 1 }])
})
