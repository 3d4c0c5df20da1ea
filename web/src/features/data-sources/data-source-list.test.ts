import type { DataSourceBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { listRows, readListSearch } from './data-source-list.ts'

const source = (name: string, rows: number, description = ''): DataSourceBody =>
  ({
    id: `t_${name}`,
    name,
    description,
    engine: { engine: 'MergeTree' },
    statistics: { row_count: rows, bytes: rows * 10 },
    quarantine_rows: 0,
  }) as unknown as DataSourceBody
const all = [source('b', 9), source('a', 100), source('c', 9, 'Orders of the shop')]
const last = new Map([['t_c', '2026-11-22 01:00:00']])

test('data sources stand by name until another order is asked for, and equals stay by name', () => {
  const names = (search: object): string[] => listRows(all, last, search).map(({ name }) => name)
  expect(names({})).toEqual(['a', 'b', 'c'])
  expect(names({ sort: 'rows' })).toEqual(['b', 'c', 'a'])
  expect(names({ sort: 'rows', desc: true })).toEqual(['a', 'b', 'c'])
  expect(names({ sort: 'last', desc: true })).toEqual(['c', 'a', 'b'])
})

test('a search finds names and descriptions in any case', () => {
  expect(listRows(all, last, { q: 'SHOP' }).map(({ name }) => name)).toEqual(['c'])
  expect(listRows(all, undefined, { q: 'zzz' })).toEqual([])
})

test('what is no search of this list is left out of the address', () => {
  expect(readListSearch({ q: '', sort: '__proto__', desc: 'yes', x: 1 })).toEqual({})
  expect(readListSearch({ q: 'a', sort: 'bytes', desc: true })).toEqual({
    q: 'a',
    sort: 'bytes',
    desc: true,
  })
})
