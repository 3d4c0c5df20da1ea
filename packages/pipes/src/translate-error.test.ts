import { fault } from '@sandpiper/faults'
import { describe, expect, it } from 'vitest'

import { compilePipe } from './compile-pipe.ts'
import { testMap, testScope } from './test-map.fixture.ts'
import { translateError } from './translate-error.ts'
import { userFault } from './user-fault.ts'

const TABLE = `t_${'a'.repeat(32)}_1`
const DATABASE = `ws_${'1'.repeat(32)}`
const NAMES = new Map([[TABLE, 'events']])

describe('translateError', () => {
  it('says the user names and none of ours', () => {
    const text = `Unknown column x in \`${DATABASE}\`.\`${TABLE}\`, of ${DATABASE}.t_${'b'.repeat(32)}_2 and t_${'c'.repeat(32)}`
    expect(translateError(text, NAMES)).toBe('Unknown column x in events, of ? and ?')
  })

  it.each([
    [
      `[Error] Column 'events.a' is not under aggregate function and not in GROUP BY keys. In query SELECT a, count() FROM ${DATABASE}.${TABLE} AS events PREWHERE (org = 'acme') (NOT_AN_AGGREGATE)`,
      "[Error] Column 'events.a' is not under aggregate function and not in GROUP BY keys (NOT_AN_AGGREGATE)",
    ],
    [
      `[Error] Subquery SELECT * FROM ${DATABASE}.${TABLE} PREWHERE ((org = 'acme') AND (n < 5)) does not support PREWHERE (ILLEGAL_PREWHERE)`,
      '[Error] Subquery does not support PREWHERE (ILLEGAL_PREWHERE)',
    ],
    [
      `[Error] Invalid column org in PREWHERE. Expected column source to be table or table function. Actual SELECT 'acme' AS org. In query SELECT * FROM ${DATABASE}.${TABLE} PREWHERE (org = 'own') (ILLEGAL_PREWHERE)`,
      '[Error] Invalid column org in PREWHERE. Expected column source to be table or table function (ILLEGAL_PREWHERE)',
    ],
    [
      `[Error] Syntax error: failed at position 103 (end of query): . Expected one of: expression with optional alias, lambda expression (SYNTAX_ERROR)`,
      '[Error] Syntax error at the end of the query. Expected one of: expression with optional alias, lambda expression (SYNTAX_ERROR)',
    ],
    [
      `[Error] Syntax error: failed at position 10 (FORM) (line 2, col 4): FORM ${DATABASE}.${TABLE} PREWHERE (org = 'acme'). Expected one of: FROM (SYNTAX_ERROR)`,
      "[Error] Syntax error near 'FORM'. Expected one of: FROM (SYNTAX_ERROR)",
    ],
    ['[Error] Unknown identifier `__table1.a` (X)', '[Error] Unknown identifier `a` (X)'],
    [
      `[Error] Something odd about (SELECT a FROM x PREWHERE (org = 'acme')) (ODD)`,
      '[Error] Something odd about ... (ODD)',
    ],
    [
      '[Error] Cannot open file /srv/x/.sandpiper/engine/store/abc/x.bin: no space (CANNOT_OPEN_FILE)',
      '[Error] Cannot open file ?: no space (CANNOT_OPEN_FILE)',
    ],
    [
      "[Error] Cannot parse string '/docs/store-hours/run' as UInt8 (CANNOT_PARSE_TEXT)",
      "[Error] Cannot parse string '/docs/store-hours/run' as UInt8 (CANNOT_PARSE_TEXT)",
    ],
  ])('%s', (text, expected) => {
    expect(translateError(text, NAMES)).toBe(expected)
  })

  it('keeps the position in a text that ran as it was written', () => {
    const text = '[Error] Syntax error: failed at position 10 (FORM): FORM x. Expected: FROM (S)'
    expect(translateError(text, new Map())).toBe(text)
  })

  it('takes time in proportion to the longest text an engine error has', () => {
    for (const piece of [
      'in query ',
      'SELECT ',
      'Subquery SELECT ',
      '/store',
      "(SELECT '",
      'While processing ',
    ])
      expect(translateError(piece.repeat(2_000 / piece.length), NAMES).length).toBeLessThan(2_100)
  })
})

describe('userFault', () => {
  const map = testMap({
    inner: [{ name: 'hidden', sql: 'SELECT oops FROM events', type: 'endpoint' }],
    p: [
      { name: 'base', sql: '%\nSELECT id,\n  nope\nFROM events' },
      { name: 'out', sql: 'SELECT nope, other_nope FROM base, inner', type: 'endpoint' },
    ],
  })
  const compiled = compilePipe(testScope(map), { pipe: 'p' })
  const placeOf = (text: string) =>
    userFault(fault('query.failed', { public: text }), compiled).details.place

  it('tells the node that is read first and the line of its SQL', () => {
    expect(placeOf('[Error] Unknown expression identifier `nope` (X)')).toEqual({
      node: 'base',
      line: 3,
    })
    expect(placeOf("[Error] Identifier 'base.other_nope' cannot be resolved (X)")).toEqual({
      node: 'out',
      line: 1,
    })
  })

  it('tells nothing of nodes of other pipes, and nothing where no name is found', () => {
    expect(placeOf('[Error] Unknown expression identifier `oops` (X)')).toBeUndefined()
    expect(placeOf('[Error] Division by zero (X)')).toBeUndefined()
  })
})

// Each of them took longer than anybody waits when a pattern looked to the end from each of its beginnings.
it.each([
  ...[
    '-/a',
    ' /store',
    '/',
    ' ',
    '. ',
    'SELECT ',
    'while processing ',
    'Query SELECT ',
    ' (A',
    '`',
  ],
  ...['Syntax error: failed at position 1 (', 'Syntax error: failed at position 1 (): ', '\\'],
])('a megabyte of %j is translated at once', (piece) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
  expect(translateError(text, new Map()).length).toBeLessThanOrEqual(text.length)
  expect(translateError(text, new Map([['t', 'x']])).length).toBeLessThanOrEqual(text.length)
})
