// What this package may never get wrong: where strings and comments end, how many statements there are, and which names are
// tables. Attacks 5, 7, 8 and 47; the engine's own tree is asked again by the gate.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countStatements } from './count-statements.ts'
import { findSqlError } from './find-sql-error.ts'
import { findTables } from './find-tables.ts'
import { quoteIdentifier } from './quote.ts'
import { replaceTables } from './replace-tables.ts'
import { splitTrailingFormat } from './split-trailing-format.ts'
import { stripComments } from './strip-comments.ts'
import { tokenize } from './tokenize.ts'

/** Texts the engine reads as one string, comment or name, so nothing in them may count. */
const HIDES = [
  (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`,
  (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
  (text: string) => quoteIdentifier(text),
  (text: string) => `/* ${text.replace(/[/*]/g, '')} */`,
  (text: string) => `/* /* ${text.replace(/[/*]/g, '')} */ ; */`,
  (text: string) => `-- ${text.replaceAll('\n', '')}\n`,
  (text: string) => `$tag$${text.replaceAll('$', '')}$tag$`,
]
const hidden = fc
  .tuple(
    fc.constantFrom(...HIDES),
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
  )
  .map(([hide, text]) => hide(`; DROP TABLE secret FORMAT x SETTINGS a = 1 FROM secret ${text}`))

describe('text inside strings, names and comments', () => {
  it('never counts as a statement, a table, a format or a setting', () => {
    fc.assert(
      fc.property(hidden, (piece) => {
        const sql = `SELECT 1, ${piece} 2 FROM events WHERE 1 = 1`
        expect(countStatements(sql)).toBe(1)
        expect(findSqlError(sql)).toBeNull()
        expect(findTables(sql).references.map(({ name }) => name)).toEqual(['events'])
        expect(splitTrailingFormat(sql)).toEqual({ sql, format: null, problem: null })
      }),
      { numRuns: 500 },
    )
  })

  it('is kept byte for byte when tables are replaced, and what comes back reads the same', () => {
    fc.assert(
      fc.property(hidden, (piece) => {
        const sql = `SELECT 1, ${piece} 2 FROM events WHERE 1 = 1`
        const replaced = replaceTables(sql, () => ({ form: 'table', sql: '`ws`.`t`' }))
        expect(replaced).toBe(sql.replace('FROM events WHERE', 'FROM `ws`.`t` AS `events` WHERE'))
      }),
    )
  })

  it('is no longer there once comments are stripped, and nothing after a comment is lost', () => {
    fc.assert(
      fc.property(hidden, (piece) => {
        const stripped = stripComments(`SELECT 1 ${piece} + 2`)
        expect(tokenize(stripped).some(({ kind }) => kind === 'comment')).toBe(false)
        expect(stripped.endsWith('+ 2')).toBe(true)
      }),
    )
  })
})

describe('a hostile name', () => {
  it('stays one identifier, whatever its characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(tokenize(quoteIdentifier(name)).map(({ kind }) => kind)).toEqual(['identifier'])
        expect(countStatements(`SELECT * FROM ${quoteIdentifier(name)}`)).toBe(1)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    'SELECT 1; DROP TABLE t',
    "SELECT 'a\\'; DROP TABLE t --'; DROP TABLE t",
    "SELECT x'41\\'; DROP TABLE t --'",
    'SELECT /* /* */ 1; DROP TABLE t */ 1; DROP TABLE t',
    'SELECT $a$ $b$ $a$; DROP TABLE t',
    'SELECT 1 PARALLEL WITH DROP TABLE t',
    'SELECT ‘a\\’; DROP TABLE t',
    'SELECT 1 #! c\n; DROP TABLE t',
  ])('a second statement is seen in %j', (sql) => {
    expect(countStatements(sql)).toBe(2)
  })

  it.each([
    'SELECT 1\0; DROP TABLE t',
    "SELECT 'a\0'",
    'SELECT 1 -- \0',
    "SELECT 'open",
    'SELECT /* open',
    'SELECT `open',
    'SELECT 1 #c',
    'SELECT \ud800',
  ])('an unreadable text is reported: %j', (sql) => {
    expect(findSqlError(sql)).not.toBeNull()
  })
})

describe('a table is found wherever it hides', () => {
  it.each([
    'WITH x AS (SELECT * FROM secret) SELECT 1',
    'SELECT (SELECT 1 FROM secret)',
    'SELECT 1 WHERE 1 IN secret',
    'SELECT 1 WHERE 1 IN (secret)',
    'SELECT 1 WHERE in(1, secret)',
    'SELECT 1 FROM a, secret',
    'SELECT 1 FROM a ARRAY JOIN b JOIN secret ON 1',
    'SELECT 1 FROM (a JOIN secret ON 1)',
    'SELECT arrayMap(x -> (SELECT 1 FROM secret), [1])',
    'SELECT * FROM view(SELECT * FROM secret)',
    'SELECT 1 ORDER BY (SELECT 1 FROM secret) LIMIT (SELECT 1 FROM secret)',
    'SELECT 1 UNION ALL SELECT 1 FROM secret',
    'FROM secret SELECT 1',
    'SELECT * FROM (EXPLAIN SELECT * FROM secret)',
    'SELECT sum(1) OVER (PARTITION BY (SELECT 1 FROM secret))',
    'SELECT {a: (SELECT 1 FROM secret)}, [(SELECT 1 FROM secret)]',
    "SELECT * FROM 'secret'",
    'SELECT 1 FROM a LEFT JOIN b USING x GLOBAL ANY RIGHT JOIN secret USING y',
    'WITH secret AS (SELECT * FROM secret) SELECT 1',
    'SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret) AS a, secret',
  ])('%s', (sql) => {
    expect(findTables(sql).references.some(({ name }) => name === 'secret')).toBe(true)
  })
})
