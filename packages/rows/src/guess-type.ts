// What type a column should have, from some of its values. Every value looked at fits the type; later ones may not, and go to
// quarantine then.

/** Collects values of one column. */
export interface TypeGuess {
  /** A value as JSON text: `"a"`, `1`, `true`, `null`, an object or a list. */
  addJson(json: string): void
  /** A field of CSV, where everything is text. */
  addText(text: string): void
  /** Values that were neither missing nor null. */
  count(): number
  /** The type, without Nullable. String when there is nothing to go by. */
  type(): string
}

type Kind = 'integer' | 'float' | 'bool' | 'date' | 'datetime' | 'datetime64' | 'uuid' | 'text'

const INTEGER = /^-?(0|[1-9]\d{0,77})$/
const FLOAT = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/
const FLOAT_CHARS_MAX = 400
const DATE = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const DATE_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Different texts that are remembered, to see whether there are only few. */
const DISTINCT_MAX = 100
/** With fewer values than this a small number of different ones says nothing. */
const LOW_CARDINALITY_FROM = 1_000

/** Makes an empty guess. */
export function createTypeGuess(): TypeGuess {
  const kinds = new Set<Kind>()
  const distinct = new Set<string>()
  let [min, max] = [0n, 0n]
  let digits = 0
  let years = { first: 9999, last: 0 }
  let values = 0

  function addScalar(text: string, isQuoted: boolean, isCsv: boolean): void {
    values += 1
    const kind = kindOf(text, isQuoted, isCsv)
    kinds.add(kind)
    if (kind === 'integer') {
      const value = BigInt(text)
      if (value < min) min = value
      if (value > max) max = value
    } else if (kind === 'date' || kind === 'datetime' || kind === 'datetime64') {
      const year = Number(text.slice(0, 4))
      years = { first: Math.min(years.first, year), last: Math.max(years.last, year) }
      digits = Math.max(digits, DATE_TIME.exec(text)?.[5]?.length ?? 0)
    } else if (kind === 'text' && distinct.size <= DISTINCT_MAX && text.length <= 64) {
      distinct.add(text)
    } else if (kind === 'text' && text.length > 64) {
      for (let index = 0; distinct.size <= DISTINCT_MAX; index += 1) distinct.add(`${index} long`)
    }
  }

  return {
    addJson(json) {
      if (json === 'null') return
      const first = json.charCodeAt(0)
      if (first === 34) addScalar(JSON.parse(json) as string, true, false)
      else addScalar(json, first === 123 || first === 91, false)
    },
    addText(text) {
      if (text !== '' && text !== '\\N') addScalar(text.trim(), true, true)
    },
    count: () => values,
    type() {
      const [only] = kinds
      if (only === undefined) return 'String'
      if (kinds.size === 1 && only === 'integer') return integerType(min, max)
      if (only === 'bool' && kinds.size === 1) return 'Bool'
      if (only === 'uuid' && kinds.size === 1) return 'UUID'
      if ([...kinds].every((each) => each === 'integer' || each === 'float')) return 'Float64'
      if ([...kinds].every((each) => each === 'date')) return dateType(years)
      if ([...kinds].every((each) => each.startsWith('date'))) return timeType(years, digits)
      return kinds.size === 1 && values >= LOW_CARDINALITY_FROM && distinct.size <= DISTINCT_MAX
        ? 'LowCardinality(String)'
        : 'String'
    },
  }
}

function kindOf(text: string, isQuoted: boolean, isCsv: boolean): Kind {
  const mayBeNumber = !isQuoted || isCsv
  if (mayBeNumber && INTEGER.test(text) && text !== '-0' && fitsInteger(text)) return 'integer'
  // A leading zero is part of a name ("007"), not of a number.
  if (mayBeNumber && isFloat(text) && !/^-?0\d/.test(text) && isExact(text)) return 'float'
  if ((!isQuoted || isCsv) && /^(true|false)$/i.test(text)) return 'bool'
  if (!isQuoted) return 'text'
  if (text.length === 10 && DATE.test(text)) return 'date'
  if (text.length >= 19 && text.length <= 36 && DATE_TIME.test(text))
    return text.includes('.') ? 'datetime64' : 'datetime'
  return text.length === 36 && UUID.test(text) ? 'uuid' : 'text'
}

/** Longer texts are no numbers that a float keeps, and judging them by the expression takes the square of their length. */
function isFloat(text: string): boolean {
  return text.length <= FLOAT_CHARS_MAX && FLOAT.test(text)
}

/** A number with more digits than a float keeps would come back as another. */
function isExact(text: string): boolean {
  const mantissa = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '')
  return mantissa.length <= 17 && Number.isFinite(Number(text))
}

const SIGNED: readonly number[] = [16, 32, 64, 128, 256]

function fitsInteger(text: string): boolean {
  const value = BigInt(text)
  return value >= -(2n ** 255n) && value < 2n ** 256n
}

function integerType(min: bigint, max: bigint): string {
  for (const bits of SIGNED) {
    const half = 2n ** BigInt(bits - 1)
    if (min >= -half && max < half) return `Int${bits}`
    // Ids and hashes of 64 bits and more are unsigned; smaller numbers just happen to be large.
    if (bits >= 64 && min >= 0n && max < 2n * half) return `UInt${bits}`
  }
  return 'String'
}

function dateType({ first, last }: { first: number; last: number }): string {
  if (first >= 1970 && last <= 2148) return 'Date'
  return first >= 1900 && last <= 2299 ? 'Date32' : 'String'
}

function timeType({ first, last }: { first: number; last: number }, fraction: number): string {
  if (fraction === 0 && first >= 1970 && last <= 2105) return 'DateTime'
  const digits = fraction - 1 > 6 ? 9 : fraction - 1 > 3 ? 6 : 3
  if (digits === 9 && (first < 1900 || last > 2261)) return 'String'
  return first >= 1900 && last <= 2298 ? `DateTime64(${digits})` : 'String'
}
