import { describe, expect, it } from 'vitest'

import { guessDialect } from './csv-dialect.ts'
import { createCsvReader, type CsvDialect, type CsvRecord } from './csv-reader.ts'
import { createCsvRows } from './csv-rows.ts'

const COMMAS: CsvDialect = { delimiter: ',', quote: '"', escape: '"', newLine: '\n' }
const GUESS = { delimiter: null, newLine: null, escape: null }

function read(text: string, dialect = COMMAS, pieces = [text]): (readonly string[] | string)[] {
  const reader = createCsvReader(dialect)
  const records = [...pieces.flatMap((each) => reader.push(each)), ...reader.end()]
  return records.map((each) => each.fields ?? `${each.problem ?? ''}: ${each.raw}`)
}

describe('records', () => {
  const TEXT =
    'a,"b ""x"", y",\r\n"line\r\nbreak",\u20ac,\ud83d\ude80\n\n"","in "" side",z"q"\n1,2,3'
  const RECORDS = [
    ['a', 'b "x", y', ''],
    ['line\r\nbreak', '\u20ac', '\ud83d\ude80'],
    ['', 'in " side', 'z"q"'],
    ['1', '2', '3'],
  ]

  it('are the same wherever the text is cut', () => {
    expect(read(TEXT)).toEqual(RECORDS)
    for (let cut = 1; cut < TEXT.length; cut += 1)
      expect(read(TEXT, COMMAS, [TEXT.slice(0, cut), TEXT.slice(cut)])).toEqual(RECORDS)
    expect(read(TEXT, COMMAS, Array.from(TEXT))).toEqual(RECORDS)
  })

  it('may be escaped by a backslash, and end by a carriage return alone', () => {
    const dialect: CsvDialect = { delimiter: '|', quote: "'", escape: '\\', newLine: '\r' }
    expect(read("a|'it\\'s|'|\\N\rb\\|c|d|\r", dialect)).toEqual([
      ['a', "it's|", '\\N'],
      ['b|c', 'd', ''],
    ])
  })

  it('of which one has a quote that never ends cost only its line', () => {
    expect(read('a,b\n"x,1\nc,d\n')).toEqual([
      ['a', 'b'],
      'not valid CSV: a quoted field does not end: "x,1',
      ['c', 'd'],
    ])
  })

  it('that are too long are problems with their beginning, and those after them are read', () => {
    const reader = createCsvReader(COMMAS, 100)
    const long = 'x'.repeat(5_000)
    const records: CsvRecord[] = []
    for (const piece of ['a,b\n', long, long, '\nc,d\n', `"${long}`, '\ne,f\n'])
      records.push(...reader.push(piece))
    records.push(...reader.end())
    expect(records.map((each) => each.fields?.join() ?? each.raw.length)).toEqual([
      ...['a,b', 5_000, 'c,d', 5_001, 'e,f'],
    ])
  })

  it('of blank lines are counted only', () => {
    const reader = createCsvReader(COMMAS)
    expect(reader.push('\n \r\na\n\n')).toHaveLength(1)
    expect(reader.emptyLines()).toBe(3)
  })
})

describe('a guess', () => {
  it.each([
    ['a,b,c\n1,2,3\n', { delimiter: ',' }],
    ['a;b;c\n1,5;2,5;3\n', { delimiter: ';' }],
    ['a\tb\n1\t2\n', { delimiter: '\t' }],
    ['a|b\n1|2\n', { delimiter: '|' }],
    ['a;b\r1;2\r', { delimiter: ';', newLine: '\r' }],
    ["'a';'b'\n'1;2';'3'\n", { delimiter: ';', quote: "'" }],
    ['"a","say \\"x\\""\n"1","2"\n', { delimiter: ',', escape: '\\' }],
    ['name,text\nx,"it; is; long; text"\ny,"a; b"\n', { delimiter: ',' }],
    ["it's,a\nthat's,b\n", { quote: '"' }],
    ['only\none\n', { delimiter: ',' }],
    ['', { delimiter: ',', quote: '"', newLine: '\n' }],
  ])('of %j is %j', (text, dialect) => {
    expect(guessDialect(text, GUESS)).toMatchObject(dialect)
  })

  it('is overruled by what is known', () => {
    const known = { delimiter: ':', newLine: '\r', escape: '\\' }
    expect(guessDialect('a,b\n1,2\n', known)).toMatchObject(known)
  })
})

describe('quotes that open in every line and close in none', () => {
  const ESCAPED: CsvDialect = { ...COMMAS, escape: '\\' }
  const MAX = 100_000

  // Looking at the rest again for each line would take minutes.
  it.each([
    ['before the end of the text', MAX - 10],
    ['before a record may not be longer', MAX + 50_000],
  ])('are read %s, in time that grows with the text', (_, chars) => {
    const lines = Math.floor(chars / 3)
    const reader = createCsvReader(ESCAPED, MAX)
    const text = '"\\\n'.repeat(lines)
    const records: CsvRecord[] = []
    for (let at = 0; at < text.length; at += 8_192)
      records.push(...reader.push(text.slice(at, at + 8_192)))
    records.push(...reader.end())
    // None is lost; some have become records of several lines.
    expect(
      records
        .map((each) => each.raw)
        .join('\n')
        .trimEnd(),
    ).toBe(text.trimEnd())
  })

  it('take no record after them along, however often one line has such a quote', () => {
    const good = '1,2\n'.repeat(200)
    const reader = createCsvReader(COMMAS, 500)
    const text = `"stray\n${good}`.repeat(9)
    const records = Array.from(text).flatMap((each) => reader.push(each))
    records.push(...reader.end())
    const kept = records.filter((each) => each.fields?.join() === '1,2')
    expect(kept.length).toBeGreaterThan(200 * 9 * 0.4)
  })
})

describe('rows', () => {
  const column = (name: string, type: string) => {
    return { name, type, jsonPath: null, default: null, codec: null }
  }
  const COLUMNS = [column('id', 'UInt8'), column('Order_Id', 'String'), column('l', 'Array(UInt8)')]

  function rows(text: string): (string | null)[] {
    const judge = createCsvRows(COLUMNS)
    const reader = createCsvReader(COMMAS)
    return [...reader.push(text), ...reader.end()].map((each) => {
      const row = judge.decode(each)
      return row === null ? null : row.kind === 'row' ? row.json : `refused ${row.json}`
    })
  }

  it('go by a header in any order and case, with names as they stood in a file, others left out', () => {
    expect(rows('order id,other,ID,l\nx,y,1,"[2]"\n')).toEqual([
      null,
      '{"id":1,"Order_Id":"x","l":[2]}',
    ])
  })

  it('go by position without a header', () => {
    expect(rows('1,x,[3]\n2,y,\n')).toEqual([
      '{"id":1,"Order_Id":"x","l":[3]}',
      '{"id":2,"Order_Id":"y","l":[]}',
    ])
  })

  it('have lists and maps as JSON, and as the engine writes them', () => {
    const judge = createCsvRows([column('a', 'Array(String)'), column('m', 'Map(String, UInt8)')])
    const reader = createCsvReader(COMMAS)
    const text = `"[""x""]","{""k"":1}"\n"['x','it\\'s']","{'k':1}"\n"['x","{}"\n`
    const [json, engine, unended] = [...reader.push(text), ...reader.end()].map((each) =>
      judge.decode(each),
    )
    expect(json?.json).toBe('{"a":["x"],"m":{"k":1}}')
    expect(engine?.json).toBe('{"a":["x","it\'s"],"m":{"k":1}}')
    expect(unended?.kind).toBe('refused')
  })

  it('are refused with their line for a wrong value, too many fields and bytes that are no text', () => {
    const [wrong, many, broken] = rows('300,x,\n1,x,,4\n1,\ufffd,\n')
    expect(wrong).toContain('"c__error_column":["id"]')
    expect(many).toContain('4 fields')
    expect(broken).toContain('not valid UTF-8')
  })
})
