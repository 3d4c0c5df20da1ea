// Attacks 1 to 4, 36 and 37: what a template makes of what a caller sends.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'
import { OUR_NAMES, SECRET, type Target } from './target.ts'

const VALUES = [
  "' OR 1=1 --",
  "\\' OR 1=1 --",
  "\\\\' UNION SELECT secret FROM vault --",
  '\\x27 OR 1=1',
  '\u2018\u2019\u201c\u201d\uff07',
  "a\0b'",
  "\n\r\t\b\x1a'",
  '{{file(1)}} {% import os %} {# #}',
  '{x:Identifier}',
  "$$ '); SELECT 1 $$",
  '*/ SELECT 1 /*',
  '`"',
  '__proto__',
  '%s %d %',
]

const HOSTILE_TEMPLATES = [
  "%SELECT {{__import__('os')}}",
  "%SELECT {{''.__class__}}",
  '%SELECT {{x.constructor}}',
  '%SELECT {{constructor}}',
  '%SELECT {{process}}',
  '%SELECT {{globalThis}}',
  "%SELECT {{String.constructor('return 1')()}}",
  '%SELECT {{[].constructor}}',
  "%SELECT {{ {'a': 1}['constructor'] }}",
  '%SELECT {{ {}.__proto__ }}',
  '%{% import os %}SELECT 1',
  '%{% module x %}SELECT 1',
  '%{% raw x %}SELECT 1',
  "%SELECT {{tb_secret('x')}}",
  "%SELECT * FROM {{table('system.one')}}",
  "%SELECT {{columns('file(1)')}} FROM events",
  "%SELECT {{symbol('file(1)')}} FROM events",
  "%SELECT {{'a' * 1000000000}}",
  "%SELECT {{'a'.ljust(1000000000)}}",
  '%SELECT {{"%1000000000d" % 1}}',
  '%SELECT {{9**9**9}}',
  '%SELECT {{ [0] * 100000000 }}',
  '%{% for i in range(1000000000) %}a{% end %}',
  '%{% while True %}{% end %}SELECT 1',
  `%SELECT {{${'('.repeat(100_000)}}}`,
  `%SELECT {{a${'.a'.repeat(100_000)}}}`,
  `%${'{% if 1 %}'.repeat(20_000)}SELECT 1`,
  `%SELECT ${'{{'.repeat(400_000)}`,
]

/** What a text becomes in SQL: the template language writes a percent sign with a backslash, for LIKE. */
const inSql = (value: string): string => value.replaceAll('%', '\\%')

export function templateAttacks(suite: Suite): void {
  valueAttacks(suite)
  identifierAttacks(suite)
  languageAttacks(suite)
  shapeAttacks(suite)
}

function valueAttacks(suite: Suite): void {
  const { test, target } = suite
  test('attack 1: a text is one literal, whatever it holds', async () => {
    for (const value of VALUES) {
      const got = await echo(target(), { v: value, list: `${value.replaceAll(',', '')},b` })
      expect(got).toEqual({
        v: inSql(value),
        list: [inSql(value.replaceAll(',', '')), 'b'],
        size: Buffer.byteLength(inSql(value)),
      })
    }
  })

  test('attack 4: a value that was stored is no more trusted than one that was sent', async () => {
    const { admin } = target().tokens
    for (const value of VALUES) {
      const row = JSON.stringify({ at: '2026-01-02 00:00:00', name: value })
      const kept = await target().send('/v0/events?name=events&wait=true', {
        token: admin,
        body: row,
      })
      expect(kept.json).toMatchObject({ successful_rows: 1 })
      const literal = value.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')
      const read = await target().sql(`SELECT name FROM events WHERE name = '${literal}' LIMIT 1`)
      expect(read.json, read.text).toMatchObject({ data: [{ name: value }] })
      expect(
        (await echo(target(), { v: (read.json as { data: { name: string }[] }).data[0]?.name }))?.v,
      ).toBe(inSql(value))
    }
  })
}

function identifierAttacks(suite: Suite): void {
  const { each, target } = suite
  each([
    'file(1)',
    'secret',
    '__proto__',
    'name, (SELECT secret FROM vault)',
    '1) --',
    '_table',
    '`',
  ])('attack 2: the identifier %s is a column or nothing', async (col) => {
    const path = `/v0/pipes/sorted.json?col=${encodeURIComponent(col)}`
    const { status, text } = await target().send(path, { token: target().tokens.caller })
    expect(status, text).toBe(400)
    expect(text).not.toMatch(OUR_NAMES)
  })

  each([
    '1; DROP TABLE events',
    '1 OFFSET 1',
    '(SELECT 1)',
    '1e9999',
    '0x1',
    '__proto__',
    '٣',
    '-',
  ])('attack 2: the number %s is a number or nothing', async (n) => {
    const path = `/v0/pipes/sorted.json?n=${encodeURIComponent(n)}`
    expect((await target().send(path, { token: target().tokens.caller })).status).toBe(400)
  })
}

function languageAttacks(suite: Suite): void {
  const { describe, each, target } = suite
  describe('attacks 3 and 36: a template computes nothing but SQL, within its bounds', () => {
    each(HOSTILE_TEMPLATES.map((text) => [text.slice(0, 60), text]))('%s', async (_, text) => {
      const answer = await target().sql(text)
      expect(answer.status, answer.text).toBe(400)
      expect(answer.text).not.toMatch(OUR_NAMES)
      expect(answer.text).not.toMatch(/\/src\/|node_modules|at .*:\d+:\d+/)
    })
  })
}

function shapeAttacks(suite: Suite): void {
  const { test, target } = suite
  test('attack 37: __proto__ and constructor are parameters like any other', async () => {
    const { caller, reader } = target().tokens
    const names = '__proto__=1&constructor=2&prototype=3&toString=4&hasOwnProperty=5&v=ok'
    const got = await target().send(`/v0/pipes/echo.json?${names}`, { token: caller })
    expect(got.json, got.text).toMatchObject({ data: [{ v: 'ok' }] })
    const json = '{"__proto__":{"v":"polluted"},"constructor":{"prototype":{"v":"polluted"}}}'
    expect((await echo(target(), JSON.parse(json)))?.v).toBe('')
    const polluted = await target().sql('%SELECT {{String(v, "clean")}} AS v', reader)
    expect(polluted.json).toMatchObject({ data: [{ v: 'clean' }] })
  })

  test('attack 31: a parameter of a shape or size no client sends is refused', async () => {
    const post = (body: string): Promise<{ status: number; text: string }> =>
      target().send('/v0/pipes/echo.json', {
        token: target().tokens.caller,
        ...{ body, headers: { 'Content-Type': 'application/json' } },
      })
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect((await post(`{"v":${deep}}`)).status).toBe(400)
    expect((await post(JSON.stringify({ v: "'".repeat(4_000_000) }))).status).toBe(400)
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`p${n}`, 1]))
    expect((await post(JSON.stringify(many))).status).toBe(413)
  })

  test('attack 23: q over an endpoint reads that endpoint only', async () => {
    const q = encodeURIComponent('SELECT * FROM vault')
    const { status, text } = await target().send(`/v0/pipes/echo.json?q=${q}`, {
      token: target().tokens.caller,
    })
    expect([400, 403]).toContain(status)
    expect(text).not.toContain(SECRET)
  })
}

interface Echoed {
  readonly v: string
  readonly list: string[]
  readonly size: number
}

/** What the endpoint `echo` makes of these parameters. */
async function echo({ send, tokens }: Target, body: unknown): Promise<Echoed | undefined> {
  const answer = await send('/v0/pipes/echo.json', {
    token: tokens.caller,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
  expect(answer.status, answer.text).toBe(200)
  return (answer.json as { data: Echoed[] }).data[0]
}
