// What dialect a CSV text is in, guessed from its beginning. A guess can be wrong: callers may give each part of it.
import { createCsvReader, type CsvDialect, type CsvRecord } from './csv-reader.ts'

/** What the caller knows of a dialect; null is guessed. */
export interface KnownDialect {
  readonly delimiter: string | null
  readonly newLine: string | null
  readonly escape: string | null
}

const DELIMITERS: readonly string[] = [',', ';', '\t', '|']
const QUOTES: readonly string[] = ['"', "'"]
/** Records looked at. */
const RECORDS_MAX = 100

/**
 * The dialect under which the sample looks most like a table: many records with the same number of fields, more than one.
 * @param sample the first kilobytes; its last line may be cut.
 */
export function guessDialect(sample: string, known: KnownDialect): CsvDialect {
  const newLine = known.newLine === '\r' || isMacText(sample, known) ? '\r' : '\n'
  const delimiters = known.delimiter === null ? DELIMITERS : [known.delimiter]
  let best: { dialect: CsvDialect; score: number } | null = null
  for (const quote of QUOTES) {
    // A single quote is an apostrophe unless fields begin with it.
    if (quote === "'" && !quotesFields(sample, quote, delimiters)) continue
    for (const delimiter of delimiters) {
      const escape = known.escape ?? guessEscape(sample, quote)
      const dialect: CsvDialect = { delimiter, quote, escape, newLine }
      const score = scoreOf(sample, dialect)
      if (best === null || score > best.score) best = { dialect, score }
    }
  }
  return best?.dialect ?? { delimiter: ',', quote: '"', escape: '"', newLine }
}

function isMacText(sample: string, { newLine }: KnownDialect): boolean {
  return newLine === null && !sample.includes('\n') && sample.includes('\r')
}

function quotesFields(sample: string, quote: string, delimiters: readonly string[]): boolean {
  const opens = delimiters.some((each) => sample.includes(`${each}${quote}`))
  const closes = delimiters.some((each) => sample.includes(`${quote}${each}`))
  return opens && closes && !sample.includes('"')
}

/** A backslash before a quote escapes it, unless quotes are doubled anywhere. */
function guessEscape(sample: string, quote: string): string {
  const isDoubled = new RegExp(`[^\\\\,;|\\t\\r\\n]${quote}${quote}`).test(sample)
  return !isDoubled && sample.includes(`\\${quote}`) ? '\\' : quote
}

function scoreOf(sample: string, dialect: CsvDialect): number {
  const records = sampleRecords(sample, dialect)
  const counts = new Map<number, number>()
  for (const { fields } of records) {
    const count = fields?.length ?? 0
    counts.set(count, (counts.get(count) ?? 0) + 1)
  }
  let best = 0
  for (const [fields, times] of counts) {
    // One field per record says nothing; of two that fit equally, the one with more fields.
    if (fields > 1) best = Math.max(best, times / records.length + Math.min(fields, 500) / 10_000)
  }
  return best
}

/** The first records of a sample, the last one left out when there are others: it may be cut. */
export function sampleRecords(sample: string, dialect: CsvDialect): CsvRecord[] {
  const reader = createCsvReader(dialect)
  const records = reader.push(sample)
  return (records.length === 0 ? reader.end() : records).slice(0, RECORDS_MAX)
}
