import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, elementsOf, membersOf } from './json-text.ts'

test('members and elements are cut where they end, whatever stands in them', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      for (const text of [JSON.stringify(object), JSON.stringify(object, null, 2)]) {
        const members = [...membersOf(text)].map(
          ([key, value]) => [key, JSON.parse(value) as unknown] as const,
        )
        expect(Object.fromEntries(members)).toEqual(JSON.parse(text))
      }
      const list = JSON.stringify(Object.values(object), null, 1)
      expect(elementsOf(list).map((each) => JSON.parse(each) as unknown)).toEqual(JSON.parse(list))
    }),
  )
})

test('equal values have one spelling, and others another', () => {
  expect(canonicalJson('{ "b": 1.0, "a" : [ "\\u0041" ] }')).toBe('{"a":["A"],"b":1}')
  expect(canonicalJson('0.10')).toBe(canonicalJson('1e-1'))
  expect(canonicalJson('9007199254740993')).not.toBe(canonicalJson('9007199254740992'))
  expect(canonicalJson('"1"')).not.toBe(canonicalJson('1'))
  for (const text of ['{', '[1,]', '{"a" 1}', 'nope', ''])
    expect(() => canonicalJson(text)).toThrow()
})

test('a spelling of a value is that of the value read and written again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      expect(canonicalJson(canonicalJson(text))).toBe(canonicalJson(text))
      expect(canonicalJson(JSON.stringify(value, null, 3))).toBe(canonicalJson(text))
    }),
  )
})
