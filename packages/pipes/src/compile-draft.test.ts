import { expect, test } from 'vitest'

import { compileDraft } from './compile-draft.ts'
import { compileSql } from './compile-sql.ts'
import { draftParams } from './draft-params.ts'
import { testMap, testScope } from './test-map.fixture.ts'

/** Takes four fifths of the steps that one template may take. */
const HEAVY =
  '%\nSELECT {% for i in range(400) %}{% for j in range(400) %}{% set z = j %}{% end %}{% end %}1 AS a'

test('templates of many nodes may not each take as much as one may', () => {
  const chain = (length: number) =>
    Array.from({ length }, (_, at) => ({
      name: `n${at}`,
      sql: `${HEAVY}${at === 0 ? '' : ` FROM n${at - 1}`}`,
    }))
  const scope = testScope(testMap({}))
  const compiled = (length: number) =>
    compileDraft(scope, { nodes: chain(length), node: `n${length - 1}` })
  expect(compiled(2).sql).toContain('AS a')
  expect(() => compiled(6)).toThrow('more than 2000000 steps together')
})

test('nor may the pipes that one query reads, behind barriers or not', () => {
  const names = Array.from({ length: 6 }, (_, at) => `p${at}`)
  const map = testMap(
    Object.fromEntries(names.map((name) => [name, [{ name: 'n', sql: HEAVY, type: 'endpoint' }]])),
  )
  for (const seesNames of [true, false]) {
    const authority = { mayRead: () => ({ allowed: true, filter: null }), seesNames }
    const scope = { ...testScope(map, { authority }), columnsOf: () => [] }
    expect(() => compileSql(scope, { sql: `SELECT 1 FROM ${names.join(', ')}` })).toThrow(
      'more than 2000000 steps together',
    )
  }
})

test('what nodes read is found out within steps that they share', () => {
  const map = testMap({
    taking: [{ name: 'n', sql: '%\nSELECT {{Int8(taken)}}', type: 'endpoint' }],
  })
  const reading = { name: 'reading', sql: '%\nSELECT * FROM taking' }
  const endless = {
    name: 'endless',
    sql: '%\n{% for i in range(1000) %}{% for j in range(1000) %}{% set z = j %}{% end %}{% end %}SELECT 1',
  }
  const told = (nodes: Parameters<typeof draftParams>[1]) =>
    draftParams(map, nodes).map(({ name }) => name)
  expect(told([reading])).toEqual(['taken'])
  expect(told([endless, reading])).toEqual([])
})
