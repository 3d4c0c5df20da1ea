// CSV text into records, given piece by piece. Nothing here throws for data: what is no record is a problem with its text, and the
// reader goes on with the next line. Memory is bounded by the longest record.
import { LINE_CHARS_MAX } from './compile-schema.ts'

/** How fields and records are told apart. */
export interface CsvDialect {
  /** One character. */
  readonly delimiter: string
  /** One character. */
  readonly quote: string
  /** One character; the quote itself when a quote is written twice. */
  readonly escape: string
  /** `\n` also ends records that end with `\r\n`. */
  readonly newLine: '\n' | '\r'
}

/** One record: its fields, or why it is none. `raw` is its text without the line end. */
export interface CsvRecord {
  readonly fields: readonly string[] | null
  readonly problem: string | null
  readonly raw: string
}

/** Reads CSV. */
export interface CsvReader {
  /** The records that are complete now. Blank lines are counted and left out. */
  push(text: string): CsvRecord[]
  /** What is left when the text has ended. */
  end(): CsvRecord[]
  /** Blank lines so far. */
  emptyLines(): number
}

/** Characters of a refused record that are kept. */
const KEPT_CHARS = 64 * 1024
/** Times that the lines of a record that does not end are looked at again for records of their own: each costs the whole of it. */
const SECOND_LOOKS_MAX = 4

/** @param recordCharsMax longest record, default LINE_CHARS_MAX; longer ones are problems and only their beginning is kept. */
export function createCsvReader(
  dialect: CsvDialect,
  recordCharsMax: number = LINE_CHARS_MAX,
): CsvReader {
  const { newLine } = dialect
  let carry = ''
  let isSkipping = false
  let empty = 0
  let looks = 0
  let sinceLook = 0

  function take(text: string, isEnd: boolean): CsvRecord[] {
    const records: CsvRecord[] = []
    let at = isSkipping ? afterLine(text, newLine) : 0
    if (at < 0) return []
    isSkipping = false
    const special = specialFinder(text, dialect)
    let misses = 0
    while (at < text.length) {
      const lineEnd = text.indexOf(newLine, at)
      const stop = lineEnd < 0 ? text.length : lineEnd
      if (!special.isBefore(at, stop)) {
        if (lineEnd < 0 && !isEnd) break
        const record = plainRecord(text, at, stop, dialect)
        if (record === null) empty += 1
        else records.push(bounded(record.fields, record.raw, recordCharsMax))
        at = stop + 1
        continue
      }
      const found = misses > SECOND_LOOKS_MAX ? null : quotedRecord(text, at, dialect, isEnd)
      if (found === null && !isEnd) break
      if (found === null) {
        misses += 1
        at = unclosed(text, at, newLine, records)
      } else {
        records.push(bounded(found.fields, found.raw, recordCharsMax))
        at = found.next
      }
    }
    carry = text.slice(at)
    sinceLook += at
    if (carry.length > recordCharsMax) records.push(...overflow(isEnd))
    return records
  }

  function overflow(isEnd: boolean): CsvRecord[] {
    const text = carry
    const records: CsvRecord[] = []
    const end = text.indexOf(newLine)
    carry = ''
    if (end < 0) {
      isSkipping = true
      return [tooLong(text.slice(0, KEPT_CHARS), recordCharsMax)]
    }
    looks = sinceLook < recordCharsMax / 8 ? looks + 1 : 1
    sinceLook = 0
    let next = unclosed(text, 0, newLine, records)
    // Quotes that open and close nowhere, line after line: no text of records is like that, and it would take the square of its length.
    while (looks > SECOND_LOOKS_MAX && text.indexOf(newLine, next) >= 0)
      next = unclosed(text, next, newLine, records)
    return [...records, ...take(text.slice(next), isEnd)]
  }

  return {
    push: (text) => take(carry === '' ? text : carry + text, false),
    end: () => take(carry, true),
    emptyLines: () => empty,
  }
}

/** A line without quotes and escapes; null for a blank one. */
function plainRecord(
  text: string,
  at: number,
  stop: number,
  { delimiter, newLine }: CsvDialect,
): { readonly fields: string[]; readonly raw: string } | null {
  const raw = text.slice(at, withoutReturn(text, at, stop, newLine))
  if (raw.trim() === '' && !raw.includes(delimiter)) return null
  return { fields: raw.split(delimiter), raw }
}

/** What a stretch that is being skipped ends with: where the next record begins; -1 when it goes on. */
function afterLine(text: string, newLine: string): number {
  const end = text.indexOf(newLine)
  return end < 0 ? -1 : end + 1
}

function bounded(fields: readonly string[], raw: string, charsMax: number): CsvRecord {
  if (raw.length <= charsMax) return { fields, problem: null, raw }
  return tooLong(raw.slice(0, KEPT_CHARS), charsMax)
}

function tooLong(kept: string, charsMax: number): CsvRecord {
  const problem = `not taken: a record of more than ${charsMax} characters; its first ${kept.length} are kept`
  return { fields: null, problem, raw: kept }
}

/** A quote that never ends would take all that follows with it: only its line is refused. Gives the start of the next. */
function unclosed(text: string, at: number, newLine: string, records: CsvRecord[]): number {
  const end = text.indexOf(newLine, at)
  const stop = end < 0 ? text.length : end
  const raw = text.slice(at, withoutReturn(text, at, stop, newLine)).slice(0, KEPT_CHARS)
  records.push({ fields: null, problem: 'not valid CSV: a quoted field does not end', raw })
  return stop + 1
}

/** Tells whether a quote or an escape stands in a stretch; each character of the text is looked at once, if stretches go forwards. */
function specialFinder(
  text: string,
  { quote, escape }: CsvDialect,
): { isBefore(from: number, to: number): boolean } {
  let quoteAt = -2
  let escapeAt = escape === quote ? -1 : -2
  const next = (char: string, at: number, from: number): number =>
    at === -1 || at >= from ? at : text.indexOf(char, from)
  return {
    isBefore(from, to) {
      quoteAt = next(quote, quoteAt, from)
      escapeAt = next(escape, escapeAt, from)
      return (quoteAt >= 0 && quoteAt < to) || (escapeAt >= 0 && escapeAt < to)
    },
  }
}

interface Quoted {
  readonly fields: string[]
  readonly raw: string
  readonly next: number
}

/** The record at `at`; null when the text ends inside a quoted field, or before the record does. */
function quotedRecord(
  text: string,
  at: number,
  dialect: CsvDialect,
  isEnd: boolean,
): Quoted | null {
  const { delimiter, quote, newLine } = dialect
  const fields: string[] = []
  let index = at
  for (;;) {
    let value = ''
    if (text[index] === quote) {
      const inner = quotedField(text, index + 1, dialect)
      if (inner === null) return null
      value = inner.value
      index = inner.next
    }
    const rest = plainField(text, index, dialect)
    if (rest === null) return null
    index = rest.next
    const isLast = index >= text.length || text[index] === newLine
    if (isLast && index >= text.length && !isEnd) return null
    fields.push(value + (isLast && newLine === '\n' ? rest.value.replace(/\r$/, '') : rest.value))
    if (isLast) {
      const raw = text.slice(at, withoutReturn(text, at, index, newLine))
      return { fields, raw, next: index + 1 }
    }
    index += delimiter.length
  }
}

function quotedField(
  text: string,
  from: number,
  { quote, escape }: CsvDialect,
): { value: string; next: number } | null {
  let value = ''
  for (let index = from, start = from; ; index += 1) {
    const char = text[index]
    if (char === undefined) return null
    const isEscape = char === escape && (escape !== quote || text[index + 1] === quote)
    if (isEscape) {
      if (index + 1 >= text.length) return null
      value += text.slice(start, index)
      start = index + 1
      index += 1
    } else if (char === quote) {
      return { value: value + text.slice(start, index), next: index + 1 }
    }
  }
}

/** Up to the delimiter or the line end. A quote inside stands for itself. */
function plainField(
  text: string,
  from: number,
  { delimiter, quote, escape, newLine }: CsvDialect,
): { value: string; next: number } | null {
  let value = ''
  let start = from
  for (let index = from; ; index += 1) {
    const char = text[index]
    if (char === undefined || char === delimiter || char === newLine)
      return { value: value + text.slice(start, index), next: index }
    if (char !== escape || escape === quote) continue
    if (index + 1 >= text.length) return null
    // `\N` is a missing value, told by its two characters.
    if (text[index + 1] === 'N') continue
    value += text.slice(start, index)
    start = index + 1
    index += 1
  }
}

function withoutReturn(text: string, at: number, stop: number, newLine: string): number {
  return newLine === '\n' && stop > at && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop
}
