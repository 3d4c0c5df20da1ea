import { expect, test } from 'vitest'

import type { RequestOp } from './ops-log.ts'
import { createOpsRows, type OpsRow } from './ops-rows.ts'
import { redactTokens } from './redact-tokens.ts'
import { cleanUrl } from './request-rows.ts'

const STATIC = `p.${Buffer.from('{"u":"x","id":"y","host":"h"}').toString('base64url')}.${'s'.repeat(43)}`
const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJuYW1lIjoieCJ9.${'k'.repeat(43)}`

const OP: RequestOp = {
  ...{ workspaceId: 'w', startedAtMs: 1_700_000_000_900, durationSeconds: 0.25, error: null },
  ...{ pipeId: 't_1', pipeName: 'top', requestId: '01R', tokenId: 'i', tokenName: 'reader' },
  ...{ method: 'GET', statusCode: 200, url: 'http://h/v0/pipes/top.json?a=1', userAgent: null },
  ...{ parameters: { a: '1' }, readRows: 3, readBytes: 24, resultRows: 1 },
}

function rowsOf(op: RequestOp): { table: string; row: Record<string, unknown>; json: string }[] {
  const taken: OpsRow[] = []
  const ops = createOpsRows(
    (row) => taken.push(row),
    () => 0,
    () => false,
  )
  ops.request(op)
  return taken.map(({ table, json }) => ({
    ...{ table, json },
    row: JSON.parse(json) as Record<string, unknown>,
  }))
}

test('a request is one row, a failed one also an error with the same id', () => {
  const good = rowsOf(OP)
  expect(good.map(({ table }) => table)).toEqual(['pipe_stats_rt'])
  expect(good[0]?.row).toMatchObject({
    ...{ workspace_id: 'w', start_datetime: 1_700_000_000, duration: 0.25, error: 0 },
    ...{ parameters: { a: '1' }, status_code: 200, read_rows: 3, token: 'i' },
  })
  const bad = rowsOf({ ...OP, statusCode: 400, error: '[Error] no such column' })
  expect(bad.map(({ table, row }) => [table, row['request_id'], row['error']])).toEqual([
    ['pipe_stats_rt', '01R', 1],
    ['endpoint_errors', '01R', '[Error] no such column'],
  ])
  expect(bad[1]?.row['params']).toBe('{"a":"1"}')
})

test.each([
  ['http://h/v0/sql?token=T&q=1', 'http://h/v0/sql?q=1'],
  ['http://h/v0/sql?q=1&token=T', 'http://h/v0/sql?q=1'],
  ['http://h/v0/sql?token=T', 'http://h/v0/sql'],
  ['http://h/v0/sql?%74oke%6e=T&q=1', 'http://h/v0/sql?q=1'],
  ['http://h/v0/sql?Token=T&token=U&+token=V', 'http://h/v0/sql'],
  ['http://h/v0/sql?q=%&token=T', 'http://h/v0/sql?q=%'],
  ['http://h/v0/sql?q=a?token=T&tokens=1', 'http://h/v0/sql?q=a?token=T&tokens=1'],
  ['http://h/v0/sql', 'http://h/v0/sql'],
])('the parameter `token` is taken out of %s', (url, clean) => {
  expect(cleanUrl(url)).toBe(clean)
})

test('no token is stored, wherever a caller puts it', () => {
  for (const token of [STATIC, JWT, STATIC.replaceAll('.', '%2E')]) {
    const secret = token.slice(-20)
    const rows = rowsOf({
      ...OP,
      url: `http://h/v0/sql?q=${token}&x=${'y'.repeat(3_950)}`,
      userAgent: `curl ${token}`,
      parameters: { token, a: token, b: [token, 1], c: { deep: token }, [token]: 'name' },
      error: `[Error] unknown ${token}`,
    })
    expect(rows).toHaveLength(2)
    for (const { json } of rows) expect(json).not.toContain(secret)
  }
})

test('rows are bounded, whatever is sent', () => {
  const long = 'é'.repeat(100_000)
  const parameters = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, n) => [`${n}${long}`, [long, { long }]]),
  )
  const rows = rowsOf({
    ...{ ...OP, parameters, url: `http://h/?a=${long}`, userAgent: long, error: long },
  })
  for (const { json } of rows) expect(json.length).toBeLessThan(20_000)
  const few = rowsOf({ ...OP, parameters: { a: '1', l: ['x', 2], o: { k: null }, u: undefined } })
  expect(few[0]?.row['parameters']).toEqual({ a: '1', l: 'x,2', o: '{"k":null}', u: '' })
})

test('names that objects have anyway are names like any other', () => {
  const parameters = JSON.parse('{"__proto__":"p","constructor":"c"}') as Record<string, unknown>
  expect(rowsOf({ ...OP, parameters })[0]?.json).toContain(
    '"parameters":{"__proto__":"p","constructor":"c"}',
  )
})

test('attack 31: a parameter that is nested deeper than the stack fails no request', () => {
  const depth = 100_000
  const list = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown
  let object: unknown = null
  for (let level = 0; level < depth; level += 1) object = { object }
  const [row] = rowsOf({ ...OP, parameters: { list, object } })
  expect(row?.row['parameters']).toEqual({ list: '...', object: '...' })
})

test('an address that looks like the beginning of a token at each letter is read once', () => {
  const began = process.cpuUsage()
  const text = 'eyJ'.repeat(400_000)
  expect(redactTokens(text)).toBe(text)
  for (let time = 0; time < 20; time++) cleanUrl(`http://h/v0/sql?q=${text.slice(0, 16_000)}`)
  // From each of them anew it takes minutes, and the address 0.2 s each time.
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000)
})
