import { expect, test } from 'vitest'

import { eventLines } from './event-lines.ts'

test('one object over many lines is one event, with every digit', () => {
  expect(eventLines('{\n  "id": 12345678901234567890,\n  "t": "a } \\" {"\n}')).toEqual([
    '{ "id": 12345678901234567890, "t": "a } \\" {" }',
  ])
})

test('lists and lines are several events', () => {
  expect(eventLines('[{"a":1}, {"a":{"b":2}}]')).toEqual(['{"a":1}', '{"a":{"b":2}}'])
  expect(eventLines('{"a":1}\n{"a":2}\n')).toEqual(['{"a":1}', '{"a":2}'])
})

test('what is no JSON is refused in words', () => {
  expect(() => eventLines('hello')).toThrow('There is no JSON object in the text.')
  expect(() => eventLines('{"a": 1')).toThrow('a } is missing')
  expect(() => eventLines('{"a: 1}')).toThrow('a " is missing')
  expect(() => eventLines("{'a': 1}")).toThrow('This is not JSON')
  expect(() => eventLines('}')).toThrow('without its {')
})
