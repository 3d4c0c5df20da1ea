// Requests to endpoints come back as rows of tinybird.*, through the log and the writer like all rows.
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { eventually } from './support/eventually.ts'
import { createCaller, deployProject, type Caller } from './support/http.ts'

const PROJECT = {
  'hello.pipe': `NODE n
SQL >
    %
    SELECT 1 + {{Int32(n, 1)}} AS two

TYPE endpoint
`,
}

let product: RunningSandpiper
let admin: Caller

beforeAll(async () => {
  product = await startSandpiper({ bundled: process.env['SANDPIPER_TEST_SOURCES'] !== '1' })
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
  await deployProject(admin, PROJECT)
})
afterAll(() => product.stop())

it('each request is a row within seconds, counted by day, without its token, and only for its workspace', async () => {
  const token = product.tokens.workspace_admin_token
  const ok = await fetch(`${product.url}/v0/pipes/hello.json?n=1&token=${token}`)
  expect([ok.status, await ok.json()]).toMatchObject([200, { data: [{ two: 2 }] }])
  const bad = await fetch(`${product.url}/v0/pipes/hello.json?n=x&token=${token}`)
  expect(bad.status).toBe(400)
  const [okId, badId] = [ok, bad].map((answer) => answer.headers.get('x-request-id'))
  const noted = await eventually(
    () =>
      admin.sql(
        "SELECT request_id, error, status_code, url FROM tinybird.pipe_stats_rt WHERE pipe_name = 'hello' ORDER BY error",
      ),
    (rows) => rows.length >= 2,
  )
  const url = `${product.url}/v0/pipes/hello.json`
  expect(noted).toEqual([
    { request_id: okId, error: 0, status_code: 200, url: `${url}?n=1` },
    { request_id: badId, error: 1, status_code: 400, url: `${url}?n=x` },
  ])
  const byDay = `SELECT pipe_name, sum(view_count) AS views, sum(error_count) AS errors,
      length(quantilesTimingMerge(0.9, 0.95, 0.99)(quantile_timing_state)) AS quantiles
    FROM tinybird.pipe_stats WHERE pipe_name = 'hello' GROUP BY pipe_name`
  expect(
    await eventually(
      () => admin.sql(byDay),
      (rows) => rows.length > 0,
    ),
  ).toEqual([{ pipe_name: 'hello', views: 2, errors: 1, quantiles: 3 }])
  const failed = 'SELECT request_id FROM tinybird.endpoint_errors'
  expect(
    await eventually(
      () => admin.sql(failed),
      (rows) => rows.length > 0,
    ),
  ).toEqual([{ request_id: badId }])
  const owner = createCaller(product.url, product.tokens.user_token)
  const made = await owner.post('/v1/workspaces', new URLSearchParams({ name: 'elsewhere' }))
  const other = createCaller(product.url, (made.json as { token: string }).token)
  for (const name of ['pipe_stats_rt', 'pipe_stats', 'endpoint_errors'])
    expect(await other.sql(`SELECT count() AS c FROM tinybird.${name}`)).toEqual([{ c: 0 }])
}, 60_000)
