import { describe, expect, it } from 'vitest'

import { readCode } from './code.ts'
import { cutStatement, type StatementPart } from './cut-statement.ts'

function written({ parts }: { parts: readonly StatementPart[] }): string[] {
  return parts.map((each) => {
    if (each.part === 'text' || each.part === 'modifiers') return each.text
    return each.part === 'value' ? `#${each.index}` : `<${each.reference.name}>`
  })
}

function rangesOf(sql: string, ...values: string[]) {
  return values.map((value) => ({
    start: sql.indexOf(value),
    end: sql.indexOf(value) + value.length,
  }))
}

describe('cutStatement', () => {
  it('cuts at tables, their modifiers and values, and leaves comments out', () => {
    const sql = "\n\nSELECT 'x', n /* a\nb */ FROM events AS e FINAL WHERE a = 5 -- end"
    const cut = cutStatement(sql, sql.indexOf(' --'), rangesOf(sql, "'x'", '5'))
    expect(written(cut)).toEqual([
      'SELECT ',
      '#0',
      ', n  \n FROM ',
      '<events>',
      ' AS e ',
      'FINAL',
      ' WHERE a = ',
      '#1',
    ])
    expect(cut).toMatchObject({ linesBefore: 2, hasValues: true })
  })

  it.each([
    ['inside a string', "SELECT 'abc'", 'b'],
    ['inside a name', 'SELECT `a5`', '5'],
    ['inside a comment', 'SELECT 1 /* 5 */', '5'],
    ['the name of a table', "SELECT 1 FROM 'events'", "'events'"],
    ['a ratio of SAMPLE', 'SELECT 1 FROM events SAMPLE 5', '5'],
    ['more than one token', 'SELECT 5 + 6', '5 + 6'],
    ['a word', 'SELECT abc', 'abc'],
    ['in a FORMAT that is taken off', "SELECT 1 FORMAT 'x'", "'x'"],
  ])('keeps no value apart that is %s', (_, sql, value) => {
    const end = sql.includes('FORMAT') ? 8 : readCode(sql).tokens.at(-1)!.end
    const cut = cutStatement(sql, end, rangesOf(sql, value))
    expect(cut.hasValues).toBe(false)
    expect(written(cut).join('')).not.toContain('#')
  })
})
