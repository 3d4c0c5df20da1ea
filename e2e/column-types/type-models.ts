// What a type's values may look like in JSON and how the engine shows them afterwards: a second opinion, written from the promise
// (docs/guides/ingest.md) and not from our decoder.
import fc from 'fast-check'

/** One value: as an event has it, and as `toString()` shows it when it is stored. */
export interface TypedValue {
  /** JSON text. */
  readonly json: string
  /** null is NULL. */
  readonly stored: string | null
  /** JSON texts of the elements, of an array. */
  readonly items?: readonly string[]
}

/** One type. */
export interface TypeModel {
  readonly type: string
  readonly value: fc.Arbitrary<TypedValue>
  /** JSON texts that no column of this type takes. */
  readonly refused: readonly string[]
  /** Inside arrays, maps and tuples the engine shows it in quotes. */
  readonly isQuoted: boolean
  readonly isNullable: boolean
  /** Of an array. */
  readonly element?: TypeModel
}

/** Any type there is to ingest, containers to two levels. */
export function anyType(): fc.Arbitrary<TypeModel> {
  const scalar = scalarType()
  return fc.oneof(
    { weight: 6, arbitrary: scalar },
    { weight: 2, arbitrary: scalar.map(nullable) },
    { weight: 2, arbitrary: scalar.map(array) },
    { weight: 1, arbitrary: scalar.map((inner) => array(array(inner))) },
    { weight: 1, arbitrary: scalar.map((inner) => array(nullable(inner))) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(text('String'), integer(32, true)), scalar).map(map),
    },
    { weight: 1, arbitrary: fc.tuple(scalar, scalar).map(tuple) },
    { weight: 1, arbitrary: fc.tuple(scalar, scalar).map(namedTuple) },
    { weight: 1, arbitrary: fc.constant(JSON_DOCUMENT) },
  )
}

/** A type whose values are no containers. */
export function scalarType(): fc.Arbitrary<TypeModel> {
  const bits = fc.constantFrom(8, 16, 32, 64, 128, 256)
  return fc.oneof(
    fc.tuple(bits, fc.boolean()).map(([size, isSigned]) => integer(size, isSigned)),
    fc.constantFrom(float('Float32'), float('Float64'), BOOL, UUID, IPV4, IPV6, ENUM, DATE, DATE32),
    fc.tuple(fc.integer({ min: 1, max: 76 }), fc.nat(76)).map(([p, s]) => decimal(p, s % (p + 1))),
    fc.constantFrom(text('String'), text('LowCardinality(String)'), FIXED),
    fc.constantFrom('', 'UTC', 'Europe/Madrid', 'Asia/Kolkata', 'America/St_Johns').map(dateTime),
    fc
      .tuple(
        fc.constantFrom(0, 1, 3, 6, 9),
        fc.constantFrom('', 'Europe/Madrid', 'America/St_Johns'),
      )
      .map(([precision, zone]) => dateTime64(precision, zone)),
  )
}

export function nullable(inner: TypeModel): TypeModel {
  const type = inner.type.startsWith('LowCardinality(')
    ? inner.type.replace(/\((.*)\)$/, '(Nullable($1))')
    : `Nullable(${inner.type})`
  const none = fc.constant<TypedValue>({ json: 'null', stored: null })
  return {
    ...inner,
    type,
    isNullable: true,
    value: fc.oneof({ weight: 1, arbitrary: none }, { weight: 4, arbitrary: inner.value }),
  }
}

export function array(inner: TypeModel): TypeModel {
  return {
    type: `Array(${inner.type})`,
    element: inner,
    value: fc.array(inner.value, { maxLength: 4 }).map((items) => ({
      json: `[${items.map((item) => item.json).join(', ')}]`,
      stored: `[${items.map((item) => shownInside(inner, item)).join(',')}]`,
      items: items.map((item) => item.json),
    })),
    refused: ['"[]"', '{}', ...inner.refused.map((bad) => `[${bad}]`)],
    isQuoted: false,
    isNullable: false,
  }
}

function map([key, inner]: readonly [TypeModel, TypeModel]): TypeModel {
  const entries = fc.uniqueArray(fc.tuple(key.value, inner.value), {
    maxLength: 3,
    selector: ([name]) => name.stored,
  })
  return {
    type: `Map(${key.type}, ${inner.type})`,
    value: entries.map((items) => ({
      json: `{${items.map(([name, item]) => `${keyText(name)}:${item.json}`).join(',')}}`,
      stored: `{${items.map(([name, item]) => `${shownInside(key, name)}:${shownInside(inner, item)}`).join(',')}}`,
    })),
    refused: ['[]', '"x"'],
    isQuoted: false,
    isNullable: false,
  }
}

function tuple([first, second]: readonly [TypeModel, TypeModel]): TypeModel {
  return {
    type: `Tuple(${first.type}, ${second.type})`,
    value: fc.tuple(first.value, second.value).map(([a, b]) => ({
      json: `[${a.json},${b.json}]`,
      stored: `(${shownInside(first, a)},${shownInside(second, b)})`,
    })),
    refused: ['[]', '"x"', '7'],
    isQuoted: false,
    isNullable: false,
  }
}

function namedTuple([first, second]: readonly [TypeModel, TypeModel]): TypeModel {
  return {
    ...tuple([first, second]),
    type: `Tuple(one ${first.type}, two ${second.type})`,
    value: fc.tuple(first.value, second.value).map(([a, b]) => ({
      json: `{"two":${b.json},"one":${a.json}}`,
      stored: `(${shownInside(first, a)},${shownInside(second, b)})`,
    })),
  }
}

function shownInside(inner: TypeModel, { stored }: TypedValue): string {
  if (stored === null) return 'NULL'
  return inner.isQuoted
    ? `'${stored.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`
    : stored
}

function keyText({ json }: TypedValue): string {
  return json.startsWith('"') ? json : `"${json}"`
}

export function integer(bits: number, isSigned: boolean): TypeModel {
  const max = isSigned ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n
  const min = isSigned ? -(2n ** BigInt(bits - 1)) : 0n
  const whole = fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n, 1n))
  const spelled = fc.constantFrom('plain', 'quoted', 'fraction')
  return {
    type: `${isSigned ? '' : 'U'}Int${bits}`,
    value: fc.tuple(whole, spelled).map(([value, spelling]) => ({
      json: spelling === 'plain' ? `${value}` : spelling === 'quoted' ? `"${value}"` : `${value}.0`,
      stored: `${value}`,
    })),
    refused: [`${max + 1n}`, `${min - 1n}`, '1.5', '"one"', '[]', '{}'],
    isQuoted: false,
    isNullable: false,
  }
}

function float(type: string): TypeModel {
  // Eighths are exact in both widths, so their shortest spelling is known.
  return {
    type,
    value: fc
      .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.boolean())
      .map(([eighths, isQuoted]) => {
        const shown = String(eighths / 8)
        return { json: isQuoted ? `"${shown}"` : shown, stored: shown }
      }),
    refused: ['1e400', '"many"', '[]'],
    isQuoted: false,
    isNullable: false,
  }
}

function decimal(precision: number, scale: number): TypeModel {
  const max = 10n ** BigInt(precision) - 1n
  return {
    type: `Decimal(${precision}, ${scale})`,
    value: fc.tuple(fc.bigInt({ min: -max, max }), fc.boolean()).map(([units, isQuoted]) => {
      const spelled = decimalText(units, scale)
      return { json: isQuoted ? `"${spelled}"` : spelled, stored: withoutTrailingZeros(spelled) }
    }),
    refused: [`1${'0'.repeat(precision - scale)}`, '"much"', '[]'],
    isQuoted: false,
    isNullable: false,
  }
}

function decimalText(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const sign = units < 0n ? '-' : ''
  return scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-scale)}`
}

function withoutTrailingZeros(spelled: string): string {
  return spelled.includes('.') ? spelled.replace(/0+$/, '').replace(/\.$/, '') : spelled
}

export function text(type: string): TypeModel {
  const units = fc.constantFrom(
    'a',
    'Z',
    '0',
    ' ',
    "'",
    '"',
    '\\',
    '\n',
    '\t',
    '/',
    'é',
    '日',
    '😀',
    '`',
    '{',
    '%',
    ';',
  )
  return {
    type,
    value: fc.array(units, { maxLength: 12 }).map((parts) => {
      const value = parts.join('')
      return { json: JSON.stringify(value), stored: value }
    }),
    // A text column takes whatever is sent, as its JSON text.
    refused: [],
    isQuoted: true,
    isNullable: false,
  }
}

const FIXED: TypeModel = {
  type: 'FixedString(4)',
  value: fc
    .constantFrom('abcd', 'ÿÿ', '0123', "it's")
    .map((value) => ({ json: JSON.stringify(value), stored: value })),
  refused: ['"12345"', '"ÿÿÿ"'],
  isQuoted: true,
  isNullable: false,
}

const BOOL: TypeModel = {
  type: 'Bool',
  value: fc.tuple(fc.boolean(), fc.nat(5)).map(([value, spelling]) => {
    const words = value
      ? ['true', '1', '"True"', '"yes"', '"on"', '"T"']
      : ['false', '0', '"False"', '"no"', '"off"', '"N"']
    return { json: words[spelling] ?? '', stored: String(value) }
  }),
  refused: ['2', '"perhaps"', '[]'],
  isQuoted: false,
  isNullable: false,
}

const UUID: TypeModel = {
  type: 'UUID',
  value: fc.tuple(fc.uuid(), fc.boolean()).map(([value, isUpper]) => ({
    json: `"${isUpper ? value.toUpperCase() : value}"`,
    stored: value,
  })),
  refused: ['"not-a-uuid"', '7', '"00000000-0000-0000-0000-00000000000"'],
  isQuoted: true,
  isNullable: false,
}

const IPV4: TypeModel = {
  type: 'IPv4',
  value: fc.ipV4().map((value) => ({ json: `"${value}"`, stored: value })),
  refused: ['"256.0.0.1"', '"1.2.3"', '{}'],
  isQuoted: true,
  isNullable: false,
}

const IPV6: TypeModel = {
  type: 'IPv6',
  value: fc
    .constantFrom(
      ['::', '::'],
      ['::1', '::1'],
      ['2001:DB8::A', '2001:db8::a'],
      ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
      ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    )
    .map(([sent = '', stored = '']) => ({ json: `"${sent}"`, stored })),
  refused: ['"2001:db8::g"', '"1:2"', '7'],
  isQuoted: true,
  isNullable: false,
}

const ENUM: TypeModel = {
  type: "Enum8('a' = 1, 'b b' = -2, 'it\\'s' = 100)",
  value: fc
    .constantFrom(
      ['"a"', 'a'],
      ['1', 'a'],
      ['"b b"', 'b b'],
      ['-2', 'b b'],
      [`"it's"`, "it's"],
      ['100', "it's"],
    )
    .map(([json = '', stored = '']) => ({ json, stored })),
  refused: ['"c"', '2', '[]'],
  isQuoted: true,
  isNullable: false,
}

const DATE: TypeModel = dateType('Date', 0, 5_650_000_000)
const DATE32: TypeModel = dateType('Date32', -2_208_988_800, 10_413_791_999)

function dateType(type: string, minSecond: number, maxSecond: number): TypeModel {
  return {
    type,
    value: fc
      .tuple(fc.integer({ min: minSecond, max: maxSecond }), fc.boolean())
      .map(([second, hasTime]) => {
        const iso = new Date(second * 1000).toISOString()
        return { json: JSON.stringify(hasTime ? iso : iso.slice(0, 10)), stored: iso.slice(0, 10) }
      }),
    refused: ['"2026-02-30"', '"yesterday"', '"2500-01-01"', '[]'],
    isQuoted: true,
    isNullable: false,
  }
}

export function dateTime(zone: string): TypeModel {
  return {
    type: zone === '' ? 'DateTime' : `DateTime('${zone}')`,
    value: fc
      .tuple(fc.integer({ min: 86_400, max: 4_294_000_000 }), spelling())
      .map(([second, how]) => ({
        json: spelled(second, '', zone, how),
        stored: localText(second, zone),
      })),
    refused: ['"2026-13-01 00:00:00"', '"soon"', '"1969-12-31T23:59:59Z"', '{}'],
    isQuoted: true,
    isNullable: false,
  }
}

function dateTime64(precision: number, zone: string): TypeModel {
  const fraction = fc
    .array(fc.nat(9), { minLength: 1, maxLength: 9 })
    .map((digits) => digits.join(''))
  return {
    type: zone === '' ? `DateTime64(${precision})` : `DateTime64(${precision}, '${zone}')`,
    value: fc
      .tuple(fc.integer({ min: 86_400, max: 8_000_000_000 }), fraction, spelling())
      .map(([second, digits, how]) => {
        const kept = (how === 'epoch' ? '' : digits).slice(0, precision).padEnd(precision, '0')
        return {
          json: spelled(second, how === 'epoch' ? '' : digits, zone, how),
          stored: `${localText(second, zone)}${precision === 0 ? '' : `.${kept}`}`,
        }
      }),
    refused: ['"2026-01-01 24:61:00"', '"soon"', '"2300-01-01 00:00:00"', '{}'],
    isQuoted: true,
    isNullable: false,
  }
}

type Spelling = 'utc' | 'offset' | 'local' | 'localT' | 'epoch'

function spelling(): fc.Arbitrary<Spelling> {
  return fc.constantFrom('utc', 'offset', 'local', 'localT', 'epoch')
}

function spelled(second: number, fraction: string, zone: string, how: Spelling): string {
  const point = fraction === '' ? '' : `.${fraction}`
  if (how === 'epoch') return String(second)
  if (how === 'utc') return `"${utcText(second)}${point}Z"`
  if (how === 'offset') return `"${utcText(second - 9_000)}${point}-02:30"`
  const local = localText(second, zone)
  // In the hour that a clock change gives twice a local text has two meanings: say which one.
  if (localText(second + 3_600, zone) === local || isAroundChange(second, zone))
    return `"${utcText(second)}${point}Z"`
  return `"${how === 'localT' ? local.replace(' ', 'T') : local}${point}"`
}

function isAroundChange(second: number, zone: string): boolean {
  return offsetAt(second - 7_200, zone) !== offsetAt(second + 7_200, zone)
}

function offsetAt(second: number, zone: string): number {
  return Date.parse(`${localText(second, zone).replace(' ', 'T')}Z`) / 1000 - second
}

function utcText(second: number): string {
  return new Date(second * 1000).toISOString().slice(0, 19)
}

function localText(second: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone === '' ? 'UTC' : zone,
    hourCycle: 'h23',
    ...{
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    },
  }).formatToParts(second * 1000)
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`
}

const LEAF = fc.oneof(fc.constantFrom('x', "it's", '日'), fc.integer(), fc.boolean())
const OBJECT = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'long key'), LEAF, {
  minKeys: 1,
  maxKeys: 3,
})

const JSON_DOCUMENT: TypeModel = {
  type: 'JSON',
  value: fc
    .dictionary(fc.constantFrom('p', 'q', 'r'), fc.oneof(LEAF, OBJECT), { minKeys: 1, maxKeys: 3 })
    .map((value) => ({
      json: JSON.stringify(value),
      stored: canonical(value),
    })),
  refused: ['[]', '7', '"x"'],
  isQuoted: false,
  isNullable: false,
}

/** JSON text with the keys of every object in order. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
