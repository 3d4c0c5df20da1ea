import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffRows } from './diff-rows.ts'

test('results that say the same do not differ, however they are written', () => {
  expect(diffRows('{"a":1.0,"b":"x"}\n\n', '{"b": "x", "a": 1}')).toEqual([])
  expect(diffRows('', '\n')).toEqual([])
})

test('64-bit numbers that a double does not tell apart do differ', () => {
  expect(diffRows('{"a":9007199254740993}', '{"a":9007199254740992}')).not.toEqual([])
})

test('rows in another order, missing rows and extra rows are shown in their places', () => {
  expect(diffRows('{"a":1}\n{"a":2}', '{"a":2}\n{"a":1}')).toEqual([
    { kind: 'missing', text: '{"a":1}' },
    { kind: 'same', text: '{"a":2}' },
    { kind: 'extra', text: '{"a":1}' },
  ])
})

test('a changed row names the columns that differ', () => {
  expect(diffRows('{"a":1,"b":2}', '{"a":1,"b":3}').at(-1)).toEqual({
    kind: 'note',
    text: 'b: expected 2, got 3',
  })
})

test('only rows around a difference are shown of a long result', () => {
  const rows = Array.from({ length: 1000 }, (_, at) => `{"a":${at}}`)
  const other = rows.map((row, at) => (at === 500 ? '{"a":-1}' : row))
  const diff = diffRows(rows.join('\n'), other.join('\n'))
  expect(diff.length).toBeLessThan(12)
  expect(diff[0]).toEqual({ kind: 'note', text: '... 498 rows as expected' })
})

test('what is shown as missing and extra makes the one result of the other', () => {
  const rows = fc.array(fc.constantFrom('{"a":1}', '{"a":2}', '{"b":[1]}', 'no json'), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(rows, rows, (wanted, given) => {
      const diff = diffRows(wanted.join('\n'), given.join('\n'))
      const count = (kind: string): number => diff.filter((each) => each.kind === kind).length
      expect(diff.length === 0).toBe(wanted.join() === given.join())
      if (diff.length > 0)
        expect(count('extra') - count('missing')).toBe(given.length - wanted.length)
    }),
  )
})
