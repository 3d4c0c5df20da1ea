// What the engine writes for a result comes out as a row, value by value; what it cannot mean is refused.
import type { Column } from '@sandpiper/datafile'
import { expect, it } from 'vitest'

import { copiedRowDecoder } from './copied-rows.ts'

function decode(types: Readonly<Record<string, string>>, line: string) {
  const columns = Object.entries(types).map(([name, type]): Column => ({
    ...{ name, type, jsonPath: `$.deep.${name}`, default: null, codec: null },
  }))
  return copiedRowDecoder(columns).decode(line, 0, line.length)
}

it('is judged by column names, whatever the JSONPaths of the target are', () => {
  const line = '{"id":18446744073709551615,"price":"0.10"}'
  expect(decode({ id: 'UInt64', price: 'Decimal(9, 2)' }, line)).toMatchObject({
    ...{ kind: 'row', json: line },
  })
})

it.each([
  ['Float64', '{"x":"nan"}'],
  ['Float32', '{"x":"-inf"}'],
  ['Nullable(Float64)', '{"x":"inf"}'],
  ['SimpleAggregateFunction(max, Float64)', '{"x":"-nan"}'],
])('%s takes %s as it is', (type, line) => {
  expect(decode({ x: type }, line)).toEqual({ kind: 'row', json: line, isLine: true })
})

it.each([
  ['Float64', '{"x":"none"}', 'is not Float64'],
  ['UInt8', '{"x":"nan"}', 'is not UInt8'],
  ['UInt8', '{"x":null}', 'value is missing'],
  ['Array(Float64)', '{"x":["nan"]}', 'is not Array'],
])('%s refuses %s', (type, line, reason) => {
  expect(decode({ x: type }, line)).toMatchObject({
    ...{ kind: 'refused', errors: [{ message: expect.stringContaining(reason) as string }] },
  })
})

it('refuses a row whose special float is not its only trouble', () => {
  expect(decode({ x: 'Float64', n: 'UInt8' }, '{"x":"nan","n":300}')).toMatchObject({
    kind: 'refused',
  })
})
