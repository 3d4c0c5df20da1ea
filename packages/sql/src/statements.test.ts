import { describe, expect, it } from 'vitest'
import { countStatements } from './count-statements.ts'
import { findSqlError } from './find-sql-error.ts'
import { decodeToken, quoteIdentifier } from './quote.ts'
import { splitTrailingFormat } from './split-trailing-format.ts'
import { statementKind } from './statement-kind.ts'
import { stripComments } from './strip-comments.ts'
import { tokenize } from './tokenize.ts'

describe('countStatements', () => {
  it.each([
    ['', 0],
    [' ; -- nothing\n;', 0],
    ['SELECT 1', 1],
    ['SELECT 1;; -- end', 1],
    ["SELECT ';' /* ; */, $$;$$ # ;", 1],
    ['SELECT 1; DROP TABLE t', 2],
    ["SELECT x'41\\'; DROP TABLE t --'", 2],
    ['SELECT 1 PARALLEL WITH DROP TABLE t', 2],
    ['SELECT count() FROM t GROUP BY parallel WITH TOTALS', 1],
    [';;SELECT 1;SELECT 2;', 2],
  ])('counts %j as %i', (sql, expected) => {
    expect(countStatements(sql)).toBe(expected)
  })
})

describe('splitTrailingFormat', () => {
  it.each([
    ['SELECT 1 FORMAT JSON', 'SELECT 1', 'JSON', null],
    ['SELECT 1\nformat CSV ; -- c', 'SELECT 1', 'CSV', null],
    ['SELECT 1;', 'SELECT 1', null, null],
    ['SELECT format FROM t', 'SELECT format FROM t', null, null],
    ["SELECT format('{}', a) x", "SELECT format('{}', a) x", null, null],
    [
      'SELECT * FROM (SELECT 1 FORMAT CSV) FORMAT JSON',
      'SELECT * FROM (SELECT 1 FORMAT CSV)',
      'JSON',
      'format',
    ],
    ['SELECT 1 SETTINGS max_threads=1', 'SELECT 1 SETTINGS max_threads=1', null, 'settings'],
    [
      'SELECT 1 FORMAT CSV SETTINGS max_threads=1',
      'SELECT 1 FORMAT CSV SETTINGS max_threads=1',
      null,
      'format',
    ],
    [
      'SELECT * FROM (SELECT 1 SETTINGS a = 2)',
      'SELECT * FROM (SELECT 1 SETTINGS a = 2)',
      null,
      'settings',
    ],
    [
      "SELECT 1 INTO OUTFILE '/tmp/x' FORMAT CSV",
      "SELECT 1 INTO OUTFILE '/tmp/x'",
      'CSV',
      'outfile',
    ],
    ['SELECT settings = 1 FROM t', 'SELECT settings = 1 FROM t', null, null],
    ['FORMAT JSON', 'FORMAT JSON', null, null],
  ])('splits %j', (sql, rest, format, problem) => {
    const split = splitTrailingFormat(sql)
    expect([split.sql, split.format, split.problem?.kind ?? null]).toEqual([rest, format, problem])
  })
})

describe('small readers', () => {
  it('names the kind of a statement', () => {
    expect(
      [
        '(((SELECT 1)))',
        'with a AS (SELECT 1) SELECT 1',
        'FROM t SELECT 1',
        '/* SELECT */ DROP TABLE t',
        '',
      ].map(statementKind),
    ).toEqual(['select', 'select', 'select', 'drop', ''])
  })

  it('names the first unreadable place with its line', () => {
    expect(findSqlError("SELECT 1,\n 'open")).toEqual({ at: 11, line: 2, near: "'open" })
    expect(findSqlError('SELECT 1')).toBeNull()
  })

  it('strips comments without moving lines or touching strings', () => {
    expect(stripComments("SELECT '--x', /* a\nb */ 1 -- end")).toBe("SELECT '--x',  \n 1  ")
  })

  it('gives a quoted name back unchanged', () => {
    for (const name of ['a', 'a`b', 'a\\', '\\`', 'é\n\0\t', '$$', "x' --"]) {
      const tokens = tokenize(quoteIdentifier(name))
      expect(tokens.map(({ kind }) => kind)).toEqual(['identifier'])
      expect(decodeToken(tokens[0]!)).toBe(name)
    }
  })

  it('decodes strings as the engine does', () => {
    expect(tokenize("'a''b\\'\\x41\\q\\n\\\\'").map(decodeToken)).toEqual(["a'b'A\\q\n\\"])
    expect(tokenize('$t$a$t$').map(decodeToken)).toEqual(['a'])
  })
})
