import { describe, expect, test } from 'vitest'
import { check, type SentRequest, type SourceEvidence, type ViewEvidence } from './checker.ts'

const request = (changes: Partial<SentRequest> = {}): SentRequest => ({
  producer: 7,
  from: 1,
  count: 3,
  bad: [2],
  fate: 'acknowledged',
  ...changes,
})

const rows = (...seqs: number[]): ReadonlyMap<number, number[]> => new Map([[7, seqs]])

const source = (changes: Partial<SourceEvidence> = {}): SourceEvidence => ({
  name: 'orders',
  requests: [request()],
  stored: rows(1, 3),
  quarantined: rows(2),
  damaged: [],
  ...changes,
})

const view = (has: Record<string, string>, should: Record<string, string>): ViewEvidence => ({
  name: 'daily',
  view: new Map(Object.entries(has)),
  again: new Map(Object.entries(should)),
})

const found = (...sources: SourceEvidence[]): unknown => check(sources, [])

test('nothing to say when table, quarantine and views are as acknowledged', () => {
  expect(check([source()], [view({ a: '1' }, { a: '1' })])).toEqual([])
})

describe('a table', () => {
  test('that lacks acknowledged events: lost, with the number of them and the first', () => {
    expect(found(source({ stored: rows() }))).toEqual([
      { kind: 'lost', where: 'orders', count: 2, first: '7:1' },
    ])
  })

  test('that holds an event twice: doubled', () => {
    expect(found(source({ stored: rows(1, 3, 3) }))).toEqual([
      { kind: 'doubled', where: 'orders', count: 1, first: '7:3 is there 2 times' },
    ])
  })

  test('that holds an event nobody sent: invented', () => {
    expect(found(source({ stored: rows(1, 3, 4) }))).toEqual([
      { kind: 'invented', where: 'orders', count: 1, first: '7:4' },
    ])
  })

  test('that holds what belongs in quarantine: invented', () => {
    expect(found(source({ stored: rows(1, 2, 3) }))).toEqual([
      { kind: 'invented', where: 'orders', count: 1, first: '7:2' },
    ])
  })

  test('with a row whose checksum is wrong: damaged', () => {
    expect(found(source({ damaged: [{ producer: 7, seq: 3 }] }))).toEqual([
      { kind: 'damaged', where: 'orders', count: 1, first: '7:3' },
    ])
  })
})

describe('quarantine', () => {
  test('that lacks a line of an acknowledged request: lost', () => {
    expect(found(source({ quarantined: rows() }))).toEqual([
      { kind: 'lost', where: 'orders_quarantine', count: 1, first: '7:2' },
    ])
  })

  test('that holds a line twice: doubled', () => {
    expect(found(source({ quarantined: rows(2, 2) }))).toEqual([
      { kind: 'doubled', where: 'orders_quarantine', count: 1, first: '7:2 is there 2 times' },
    ])
  })

  test('that holds a good event: invented', () => {
    expect(found(source({ quarantined: rows(2, 3) }))).toMatchObject([
      { kind: 'invented', where: 'orders_quarantine', first: '7:3' },
    ])
  })
})

describe('a request without a word', () => {
  const requests = [request({ fate: 'unknown' })]

  test('may be stored whole, or not at all', () => {
    expect(found(source({ requests }))).toEqual([])
    expect(found(source({ requests, stored: rows(), quarantined: rows() }))).toEqual([])
  })

  test('may not be stored twice', () => {
    const twice = { requests, stored: rows(1, 1, 3, 3), quarantined: rows(2, 2) }
    expect(found(source(twice))).toMatchObject([
      { kind: 'doubled', where: 'orders', count: 2 },
      { kind: 'doubled', where: 'orders_quarantine', count: 1 },
    ])
  })

  test('may not be stored in part, be it rows or refused lines that are missing', () => {
    const partial = [{ kind: 'partial', where: 'orders', count: 1 }]
    expect(found(source({ requests, stored: rows(1) }))).toMatchObject(partial)
    expect(found(source({ requests, quarantined: rows() }))).toMatchObject(partial)
  })
})

test('nothing of a refused request may be stored', () => {
  expect(found(source({ requests: [request({ fate: 'refused' })] }))).toMatchObject([
    { kind: 'refused but stored', first: 'request 7:1+3 (refused)' },
  ])
})

test('an answer that counts otherwise than was sent is told', () => {
  const requests = [request({ answered: { successful: 3, quarantined: 0 } })]
  expect(found(source({ requests }))).toMatchObject([{ kind: 'miscounted' }])
})

describe('a view', () => {
  test('with other sums than its table computed anew', () => {
    expect(check([], [view({ a: '1', b: '4' }, { a: '1', b: '2' })])).toEqual([
      { kind: 'view differs', where: 'daily', count: 1, first: 'b: has 4, should have 2' },
    ])
  })

  test('that lacks a group, or has one too many', () => {
    expect(check([], [view({ a: '1' }, { b: '2' })])).toEqual([
      { kind: 'view differs', where: 'daily', count: 2, first: 'b: has nothing, should have 2' },
    ])
  })
})
