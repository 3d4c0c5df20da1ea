import { execFileSync } from 'node:child_process'

import type { ColumnBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { exampleEvent, LANGUAGES, snippet } from './snippets.ts'

const column = (name: string, type: string, jsonpath: string | null): ColumnBody => ({
  ...{ name, type, nullable: false, normalized_name: name },
  ...{ codec: null, default_value: null, jsonpath },
})
const columns = [
  column('at', 'DateTime64(3)', '$.at'),
  column('city', 'LowCardinality(String)', '$.user.city'),
  column('name', 'String', '$.user.name'),
  column('tags', 'Array(String)', '$.tags[:]'),
  column('sku', 'Array(String)', '$.items[:].sku'),
  column('paid', 'Array(Float64)', '$.items[:].paid'),
  column('kind', "Enum8('it\\'s' = 1)", '$.kind'),
  column('n', 'UInt8', null),
]

test('the example event follows the paths of the columns', () => {
  expect(exampleEvent(columns)).toEqual({
    at: '2026-01-15 10:00:00',
    user: { city: 'text', name: 'text' },
    tags: ['text'],
    items: [{ sku: ['text'], paid: [1.5] }],
    kind: "it\\'s",
    n: 1,
  })
})

test('no token means a placeholder, and a token is where it is needed', () => {
  const input = { origin: 'http://h', name: 'orders', columns }
  for (const { id } of LANGUAGES) {
    expect(snippet(id, { ...input, token: null })).toContain('<token with DATASOURCES:APPEND>')
    expect(snippet(id, { ...input, token: 'p.narrow' })).toContain('p.narrow')
  }
})

test('a path with quotes stays one argument of the shell', () => {
  const attack = "$.a'; echo pwned; '"
  const text = snippet('curl', {
    ...{ origin: 'http://h', name: 'orders', token: 't' },
    columns: [column('a', 'String', attack)],
  })
  const args = text.replace(/^curl/, "printf '%s|'")
  const shown = execFileSync('/bin/sh', ['-c', args], { encoding: 'utf8' })
  expect(shown.split('|').at(-2)).toBe(JSON.stringify({ [attack.slice(2)]: 'text' }))
})
