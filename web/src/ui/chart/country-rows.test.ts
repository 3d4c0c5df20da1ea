import { expect, test } from 'vitest'

import { countryRows } from './country-rows.ts'

const NAMES = new Map([
  ['germany', '276'],
  ['united states of america', '840'],
  ['kenya', '404'],
])
const meta = [
  { name: 'n', type: 'UInt64' },
  { name: 'country', type: 'LowCardinality(String)' },
]

test('codes of two and three letters, numbers and names of a country add up', () => {
  const data = ['DE', 'deu', '276', 'Germany', 'usa', ' us ', 'KE'].map((country) => ({
    ...{ n: '2', country },
  }))
  const rows = countryRows({ meta, data }, { type: 'map' }, NAMES)
  expect(rows?.value).toBe('n')
  expect([...(rows?.countries ?? [])]).toEqual([
    ['276', 8],
    ['840', 4],
    ['404', 2],
  ])
  expect(rows?.others).toEqual([])
})

test('what names no country of the map is kept with its sum, never put anywhere', () => {
  const data = [
    { n: 1, country: 'ZZ' },
    { n: 2, country: 'ZZ' },
    { n: 3, country: null },
    // A country, but none that this map has.
    { n: 4, country: 'TV' },
    { n: 5, country: '__proto__' },
    { n: 'many', country: 'DE' },
  ]
  const rows = countryRows({ meta, data }, { type: 'map' }, NAMES)
  expect([...(rows?.countries ?? [])]).toEqual([])
  expect(rows?.others).toEqual([
    { name: 'ZZ', value: 3 },
    { name: '', value: 3 },
    { name: 'TV', value: 4 },
    { name: '__proto__', value: 5 },
  ])
})

test('columns are those that were chosen, and without numbers there is no map', () => {
  const wide = [...meta, { name: 'm', type: 'Float64' }, { name: 'c2', type: 'String' }]
  const data = [{ n: 1, m: 7, country: 'DE', c2: 'KE' }]
  const chosen = countryRows({ meta: wide, data }, { type: 'map', x: 'c2', y: ['m'] }, NAMES)
  expect([...(chosen?.countries ?? [])]).toEqual([['404', 7]])
  expect(countryRows({ meta: meta.slice(1), data }, { type: 'map' }, NAMES)).toBeNull()
  expect(countryRows({ meta, data: [] }, { type: 'map' }, NAMES)).toBeNull()
})
