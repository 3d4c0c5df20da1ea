// Bodies of unknown length, as `curl -T -`, pipes and streaming clients send them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCaller, projectForm } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'

const EVENTS = 'SCHEMA >\n    `n` Int64 `json:$.n`\nENGINE "MergeTree"\nENGINE_SORTING_KEY "n"\n'

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.stop())

test('a project, a file and events arrive in chunks too', async () => {
  const project = new Response(projectForm({ 'events.datasource': EVENTS }))
  const type = project.headers.get('Content-Type')!
  const deployed = await post('/v1/deploy?auto_promote=true', await project.text(), type)
  expect(deployed).toMatchObject({ status: 200, body: { result: 'success' } })

  const append = '/v0/datasources?mode=append&name=events&format='
  expect(await post(`${append}csv`, 'n\n1\n2\n', 'text/csv')).toMatchObject({
    status: 200,
    body: { successful_rows: 2 },
  })
  const form = new FormData()
  form.append('ndjson', new Blob(['{"n":3}\n']), 'more.ndjson')
  const multipart = new Response(form)
  const boundary = multipart.headers.get('Content-Type')!
  expect((await post(`${append}ndjson`, await multipart.text(), boundary)).status).toBe(200)

  const events = '/v0/events?name=events&wait=true'
  expect((await post(events, '{"n":4}\n{"n":5}\n', 'text/plain')).status).toBe(200)
  const admin = createCaller(product.url, product.tokens.workspace_admin_token)
  expect(
    await admin.sql('SELECT groupArray(n) AS n FROM (SELECT n FROM events ORDER BY n)'),
  ).toEqual([{ n: [1, 2, 3, 4, 5] }])
})

/** Posts with Transfer-Encoding: chunked, in pieces of 7 bytes. */
async function post(
  path: string,
  text: string,
  contentType: string,
): Promise<{ status: number; body: unknown }> {
  const bytes = Buffer.from(text)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.subarray(at, at + 7))
      controller.close()
    },
  })
  const response = await fetch(new URL(path, product.url), {
    method: 'POST',
    body,
    duplex: 'half',
    headers: {
      Authorization: `Bearer ${product.tokens.workspace_admin_token}`,
      'Content-Type': contentType,
    },
  })
  return { status: response.status, body: await response.json() }
}
