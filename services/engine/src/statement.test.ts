import { describe, expect, test } from 'vitest'

import { formatOf, refuseForbidden, sendTo, splitInsert } from './statement.ts'

describe('splitInsert', () => {
  test.each([
    ['INSERT INTO t FORMAT CSV\n1,2', 'INSERT INTO t ', ' FORMAT CSV', '1,2'],
    [
      'insert into t format JSONEachRow {"a;b":1}',
      'insert into t ',
      ' FORMAT JSONEachRow',
      '{"a;b":1}',
    ],
    [
      'INSERT INTO t (a, `FORMAT`) FORMAT CSV;\n1',
      'INSERT INTO t (a, `FORMAT`) ',
      ' FORMAT CSV',
      '1',
    ],
    ['INSERT INTO t FORMAT RowBinary\r\n\n\0', 'INSERT INTO t ', ' FORMAT RowBinary', '\n\0'],
    [
      'INSERT INTO t SETTINGS a = 1 FORMAT CSV 1',
      'INSERT INTO t ',
      'SETTINGS a = 1  FORMAT CSV',
      '1',
    ],
    ['INSERT INTO t VALUES (1)', 'INSERT INTO t ', ' FORMAT Values', ' (1)'],
    ['INSERT INTO t (a) VALUES', 'INSERT INTO t (a) ', ' FORMAT Values', ''],
    [
      '-- VALUES\nINSERT INTO values VALUES (1)',
      '-- VALUES\nINSERT INTO values ',
      ' FORMAT Values',
      ' (1)',
    ],
  ])('%j has a head and data', (text, head, tail, data) => {
    const found = splitInsert(text)
    expect(found).toMatchObject({ head, tail })
    expect(text.slice(found?.dataAt)).toBe(data)
  })

  test.each([
    'SELECT 1 FORMAT CSV',
    'INSERT INTO t SELECT 1 FORMAT Null',
    'INSERT INTO t SELECT values FROM u',
    'INSERT INTO t WITH 1 AS x SELECT x',
    'INSERT INTO t',
    'INSERT INTO t; SELECT 1 FORMAT CSV 2',
    '',
  ])('%j has no data of its own', (text) => {
    expect(splitInsert(text)).toBeNull()
  })

  test('files and input() are refused', () => {
    expect(() => splitInsert("INSERT INTO t FROM INFILE 'x' FORMAT CSV")).toThrow('INFILE')
    expect(() => splitInsert("INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV")).toThrow(
      'input()',
    )
  })
})

describe('sendTo', () => {
  test.each([
    ['SELECT 1', "SELECT 1\nINTO OUTFILE 'p' TRUNCATE FORMAT TSV", 'TSV'],
    ['SELECT 1 ; -- end', "SELECT 1\nINTO OUTFILE 'p' TRUNCATE FORMAT TSV", 'TSV'],
    ['SELECT 1 FORMAT JSON', "SELECT 1 INTO OUTFILE 'p' TRUNCATE FORMAT JSON", 'JSON'],
    [
      'SELECT 1 FORMAT JSON SETTINGS a = 1',
      "SELECT 1 INTO OUTFILE 'p' TRUNCATE FORMAT JSON SETTINGS a = 1",
      'JSON',
    ],
    ['SELECT format FROM t', "SELECT format FROM t\nINTO OUTFILE 'p' TRUNCATE FORMAT TSV", 'TSV'],
  ])('%j', (sql, sent, format) => {
    expect(sendTo('p', sql, 'TSV')).toEqual({ sql: sent, format })
  })

  test('the format of a statement is the one at its end', () => {
    expect(formatOf('SELECT 1 FORMAT CSV;')).toBe('CSV')
    expect(formatOf("SELECT 'FORMAT CSV'")).toBeNull()
  })
})

describe('refuseForbidden', () => {
  test.each([
    '',
    ';',
    '-- x',
    'SELECT 1; SELECT 2',
    "SELECT 'open",
    'SELECT /* open',
    "SELECT 'a\0b'",
  ])('%j is refused with code 62', (sql) => {
    expect(() => {
      refuseForbidden(sql)
    }).toThrow(expect.objectContaining({ code: 62, status: 400 }))
  })

  test.each(['SELECT 1;', "SELECT ';'", 'SELECT `;`, $$;$$ /* ; */ -- ;'])('%j passes', (sql) => {
    refuseForbidden(sql)
  })
})
