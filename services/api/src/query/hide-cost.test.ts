import { expect, test } from 'vitest'

import { COST_HEADER, hideCost } from './hide-cost.ts'
import { wholeBody, wholeResponse } from './whole-response.ts'

const STATISTICS =
  '"statistics":\n\t{\n\t\t"elapsed": 0.001,\n\t\t"rows_read": 33,\n\t\t"bytes_read": 8000\n\t}\n}\n'

function answer(parts: readonly string[], type = 'application/json'): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(Buffer.from(part))
      controller.close()
    },
  })
  return hideCost(
    new Response(body, {
      headers: { 'Content-Type': type, [COST_HEADER]: '{"rows_read":33}', 'Content-Length': '999' },
    }),
  )
}

test('neither the headers nor the end of a document tell what was read', async () => {
  const hidden = answer(['{"data":[{"a":1}],\n\n\t"rows": 1,\n\n\t', STATISTICS])
  expect([hidden.headers.get(COST_HEADER), hidden.headers.get('Content-Length')]).toEqual([
    null,
    null,
  ])
  expect(await hidden.json()).toEqual({ data: [{ a: 1 }], rows: 1 })
})

test('however the document is cut into pieces, letters of several bytes stay whole', async () => {
  const document = `{"data":[{"a":"${'ü€'.repeat(600)}"}],"rows": 1,${STATISTICS}`
  const bytes = Buffer.from(document)
  for (const size of [1, 7, 511, 513]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size)
          controller.enqueue(bytes.subarray(at, at + size))
        controller.close()
      },
    })
    const hidden = hideCost(new Response(body, { headers: { 'Content-Type': 'application/json' } }))
    expect(await hidden.json()).toEqual({ data: [{ a: 'ü€'.repeat(600) }], rows: 1 })
  }
})

test('an answer that is all there stays so, with its new length', async () => {
  const document = `{"data":[{"a":"${'ü'.repeat(400)}"}],"rows": 1,${STATISTICS}`
  const headers = { 'Content-Type': 'application/json', 'Content-Length': '1', [COST_HEADER]: 'x' }
  const hidden = hideCost(wholeResponse(new TextEncoder().encode(document), headers))
  const bytes = wholeBody(hidden)
  expect([hidden.headers.get(COST_HEADER), hidden.headers.get('Content-Length')]).toEqual([
    null,
    String(bytes?.byteLength),
  ])
  expect(await hidden.json()).toEqual({ data: [{ a: 'ü'.repeat(400) }], rows: 1 })
  const csv = wholeResponse(new TextEncoder().encode('a\n1\n'), { 'Content-Type': 'text/csv' })
  expect(await hideCost(csv).text()).toBe('a\n1\n')
})

test('rows that hold such words, and other formats, are left alone', async () => {
  const rows = `{"data":[{"a":",\\"statistics\\":{}}"}],"rows":1,${STATISTICS}`
  expect(await answer([rows]).json()).toEqual({ data: [{ a: ',"statistics":{}}' }], rows: 1 })
  const line = '{"a":1,"statistics":{}}\n'
  expect(await answer([line], 'application/x-ndjson').text()).toBe(line)
})
