import type { Column } from '@sandpiper/datafile'
import { expect, test } from 'vitest'
import { eventWriter } from './event-writer.ts'

function columns(paths: Readonly<Record<string, string | null>>): Column[] {
  return Object.entries(paths).map(([name, jsonPath]) => ({
    ...{ name, jsonPath, type: 'String', default: null, codec: null },
  }))
}

test.each([
  ['plain keys', { a: '$.a', b: '$.b' }, '{"a":1,"b":"x"}', '{"a":1,"b":"x"}'],
  [
    'other names',
    { id: '$.meta.id', at: '$.meta.at' },
    '{"id":1,"at":2}',
    '{"meta":{"id":1,"at":2}}',
  ],
  ['lists', { tags: '$.tags[:]' }, '{"tags":["a","b"]}', '{"tags":["a","b"]}'],
  [
    'lists of objects out of several columns',
    { names: '$.items[:].name', counts: '$.items[:].n', id: '$.id' },
    '{"names":["a","b"],"counts":[1,2],"id":9}',
    '{"items":[{"name":"a","n":1},{"name":"b","n":2}],"id":9}',
  ],
  ['columns without a path among others', { a: '$.x', b: null }, '{"a":1,"b":2}', '{"x":1}'],
  ['no paths at all', { a: null, b: null }, '{"a":1,"b":2}', '{"a":1,"b":2}'],
  [
    'numbers with all digits',
    { a: '$.x' },
    '{"a":18446744073709551615}',
    '{"x":18446744073709551615}',
  ],
  ['the whole document', { raw: '$', id: '$.id' }, '{"raw":"{\\"id\\": 1}","id":1}', '{"id": 1}'],
  ['empty lists', { names: '$.items[:].name' }, '{"names":[]}', '{"items":[]}'],
] as const)('a row becomes the event it came from: %s', (_, paths, row, event) => {
  expect(eventWriter(columns(paths))(row)).toBe(event)
})
