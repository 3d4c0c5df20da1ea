// What the server does for the console alone, over HTTP and wired as the product wires it; each route's own tests are beside it.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { eventually } from './support/eventually.ts'
import { createCaller, deployProject } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'

const DATA_SOURCE =
  'SCHEMA >\n    `tenant` String `json:$.tenant`,\n    `n` UInt8 `json:$.n`\n\nENGINE MergeTree\nENGINE_SORTING_KEY tenant\n'
const ENDPOINT =
  "NODE rows\nSQL >\n    %\n    SELECT tenant, count() AS hits FROM visits WHERE tenant = {{String(tenant, 'none')}} GROUP BY tenant\nTYPE endpoint\n"

/** Answered once the rows are in their table. */
const LOADED = '/v0/events?name=visits&wait=true'

let product: Product
let admin: string

beforeAll(async () => {
  product = await startProduct()
  admin = product.tokens.workspace_admin_token
  await deployProject(createCaller(product.url, admin), {
    'visits.datasource': DATA_SOURCE,
    'by_tenant.pipe': ENDPOINT,
  })
})
afterAll(() => product.stop())

async function get(path: string, token = admin): Promise<{ status: number; json: unknown }> {
  return createCaller(product.url, token).get(path)
}

async function post(path: string, body: string | object, token = admin): Promise<unknown> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (await createCaller(product.url, token).post(path, text)).json
}

test('a tail shows events as they are taken by either way, refused ones with reasons, and ends with its token', async () => {
  const response = await fetch(`${product.url}/v0/datasources/visits/tail`, {
    headers: { Authorization: `Bearer ${admin}` },
  })
  let seen = ''
  const reading = (async () => {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      seen += new TextDecoder().decode(chunk)
  })()
  await post(LOADED, '{"tenant":"acme","n":1}\n{"tenant":"acme","n":"many"}')
  await post('/v0/events?name=visits', '{"tenant":"globex","n":2}')
  await eventually(
    () => Promise.resolve(seen),
    (text) => text.includes('"row":{"tenant":"globex","n":2}'),
  )
  expect(seen).toMatch(/^event: begin\ndata: \{/)
  expect(seen).toContain('"row":{"tenant":"acme","n":1}')
  expect(seen).toMatch(/"refused":\{.*"c__error":\[".+"\]/)
  const path = '/v0/tokens/workspace%20admin%20token/refresh'
  const fresh = (await post(path, '', product.tokens.admin_token)) as { token: string }
  admin = fresh.token
  await reading
  expect(seen).toMatch(/event: end\ndata: \{"reason":".+"\}\n\n$/)
})

test('the overview counts what came, and finds nothing waiting once it is loaded', async () => {
  await post(LOADED, '{"tenant":"acme","n":3}')
  const { json } = await eventually(
    () => get('/v0/console/overview'),
    (answer) => (answer.json as { oldest_unloaded_seconds: number }).oldest_unloaded_seconds === 0,
  )
  expect(json).toMatchObject({ is_loading: true, data_sources: [{ name: 'visits' }] })
  expect((json as { rows_per_second: number }).rows_per_second).toBeGreaterThan(0)
})

test('a link to a dashboard shows one tenant, and a viewer cannot ask for another', async () => {
  const tile = {
    ...{ id: 'a', title: 'Hits', chart: { type: 'bar' }, source: { pipe: 'by_tenant' } },
    layout: { x: 0, y: 0, w: 6, h: 4 },
  }
  const content = { name: 'Visits', tiles: [tile] }
  const { id } = (await post('/v0/console/dashboards', { content })) as { id: string }
  const { token } = (await post(`/v0/console/dashboards/${id}/shares`, {
    expiration_time: Math.floor(Date.now() / 1_000) + 600,
    fixed_params: { tenant: 'acme' },
  })) as { token: string }
  const seen = await get(`/v0/console/dashboards/${id}`, token)
  expect(seen).toMatchObject({ status: 200, json: { content: { name: 'Visits' } } })
  const rows = await get('/v0/pipes/by_tenant.json?tenant=globex', token)
  expect(rows.json).toMatchObject({ data: [{ tenant: 'acme' }] })
  for (const path of ['/v0/console/overview', '/v0/console/project', '/v0/datasources/visits/tail'])
    expect([path, (await get(path, token)).status]).toEqual([path, 403])
})
