import { replaceTables } from '@sandpiper/sql'
import { expect, test } from 'vitest'

import { readReplacements } from './read-replacements.ts'

function replaced(sql: string, replacements: unknown): string {
  const read = readReplacements(JSON.stringify(replacements))
  return replaceTables(sql, ({ database, name }) => read(database, name))
}

test.each<[unknown, string]>([
  [{ a: 'b' }, 'SELECT * FROM b AS `a` JOIN d.c AS x ON 1'],
  [{ 'd.c': 'e.f' }, 'SELECT * FROM a JOIN e.f AS x ON 1'],
  [
    [
      [
        ['d', 'c'],
        ['', 'g'],
      ],
    ],
    'SELECT * FROM a JOIN g AS x ON 1',
  ],
  [[['a', '(SELECT 1)']], 'SELECT * FROM (SELECT 1) AS `a` JOIN d.c AS x ON 1'],
  [{ a: 'odd name' }, 'SELECT * FROM `odd name` AS `a` JOIN d.c AS x ON 1'],
  [{}, 'SELECT * FROM a JOIN d.c AS x ON 1'],
])('%j', (replacements, sql) => {
  expect(replaced('SELECT * FROM a JOIN d.c AS x ON 1', replacements)).toBe(sql)
})

test.each(['[', '1', 'null', '[1]', '[["a"]]', '{"a":1}', '[[["a",1],"b"]]', '{"a":[]}'])(
  '%s is refused',
  (text) => {
    expect(() => readReplacements(text)).toThrow(/'replacements' must be JSON/)
  },
)

test('names of Object.prototype are names like any other', () => {
  expect(replaced('SELECT * FROM constructor', {})).toBe('SELECT * FROM constructor')
})
