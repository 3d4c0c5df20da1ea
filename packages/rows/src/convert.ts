// From a column's type to the function that turns a value's JSON text into the JSON text the engine stores as meant, or refuses it.
import type { TypeArgument, TypeTree } from '@sandpiper/datafile'
import {
  arrayConverter,
  jsonConverter,
  mapConverter,
  tupleConverter,
} from './convert-containers.ts'
import { decimalConverter, floatConverter, integerConverter } from './convert-numbers.ts'
import {
  enumConverter,
  fixedStringConverter,
  toBool,
  toIpv4,
  toIpv6,
  toText,
  toUuid,
} from './convert-texts.ts'
import { dateConverter, dateTime64Converter, dateTimeConverter } from './convert-times.ts'
import {
  plainArray,
  plainBool,
  plainDay,
  plainEnum,
  plainFloat,
  plainInteger,
  plainText,
  plainTime,
  plainUuid,
} from './plain-values.ts'
import type { Convert, IsPlain, TypeRule } from './type-rule.ts'

const INTEGER = /^(U?)Int(8|16|32|64|128|256)$/
const DECIMAL_PRECISION: Readonly<Record<string, number>> = {
  Decimal32: 9,
  Decimal64: 18,
  Decimal128: 38,
  Decimal256: 76,
}
const SCALARS: Readonly<Record<string, () => Convert>> = {
  Float32: () => floatConverter(32),
  BFloat16: () => floatConverter(32),
  Float64: () => floatConverter(64),
  String: () => toText,
  UUID: () => toUuid,
  Bool: () => toBool,
  Boolean: () => toBool,
  IPv4: () => toIpv4,
  IPv6: () => toIpv6,
  Date: () => dateConverter('1970-01-01', '2149-06-06'),
  Date32: () => dateConverter('1900-01-01', '2299-12-31'),
  DateTime: () => dateTimeConverter(),
  JSON: () => jsonConverter(),
  Object: () => jsonConverter(),
}

const PLAIN: Readonly<Record<string, IsPlain>> = {
  String: plainText,
  Float32: plainFloat,
  Float64: plainFloat,
  Bool: plainBool,
  Boolean: plainBool,
  UUID: plainUuid,
  Date: plainDay(1971, 2148),
  Date32: plainDay(1901, 2298),
}

/** The rule of a type. Types we know nothing about take every value as it came; the engine judges them. */
export function ruleOf(tree: TypeTree): TypeRule {
  if (tree.kind === 'literal') return required((text) => text, null)
  const { name } = tree
  const args = tree.args ?? []
  const inner = args.at(-1)?.tree
  if (
    inner !== undefined &&
    (name === 'Nullable' || name === 'LowCardinality' || name === 'SimpleAggregateFunction')
  ) {
    const rule = ruleOf(inner)
    return name === 'Nullable' ? { ...rule, isNullable: true } : rule
  }
  if (name === 'AggregateFunction')
    return { convert: () => null, isPlain: null, isNullable: false, isOptional: true }
  return required(convertOf(name, args), plainOf(name, args))
}

function convertOf(name: string, args: readonly TypeArgument[]): Convert {
  const integer = INTEGER.exec(name)
  if (integer !== null) return integerConverter(Number(integer[2]), integer[1] === '')
  const numbers = args.map((argument) =>
    Number(argument.tree.kind === 'literal' ? argument.tree.text : Number.NaN),
  )
  const [first = 0, second = 0] = numbers
  const precision = DECIMAL_PRECISION[name]
  if (precision !== undefined) return decimalConverter(precision, first)
  if (name === 'Decimal') return decimalConverter(args.length === 0 ? 10 : first, second)
  if (name === 'DateTime64') return dateTime64Converter(args.length === 0 ? 3 : first)
  if (name === 'FixedString') return fixedStringConverter(first)
  if (name === 'Enum' || name === 'Enum8' || name === 'Enum16')
    return enumConverter(enumNames(args))
  if (name === 'Array') return arrayConverter(ruleOf(typeAt(args, 0)))
  if (name === 'Map') return mapConverter(ruleOf(typeAt(args, 0)), ruleOf(typeAt(args, 1)))
  if (name === 'Tuple')
    return tupleConverter(
      args.map(({ label, tree }) => ({
        name: label === null ? null : plainName(label),
        rule: ruleOf(tree),
      })),
    )
  return Object.hasOwn(SCALARS, name) ? (SCALARS[name]?.() ?? ((text) => text)) : (text) => text
}

function required(convert: Convert, isPlain: IsPlain | null): TypeRule {
  return { convert, isPlain, isNullable: false, isOptional: false }
}

/** For the types that most values are of. */
function plainOf(name: string, args: readonly TypeArgument[]): IsPlain | null {
  const integer = INTEGER.exec(name)
  if (integer !== null) return plainInteger(Number(integer[2]), integer[1] === '')
  const first = args[0]?.tree
  if (name === 'DateTime') return plainTime(0, 1971, 2105)
  if (name === 'DateTime64') {
    const precision = first === undefined ? 3 : Number(first.kind === 'literal' ? first.text : '')
    return plainTime(precision, 1901, 2261)
  }
  if (name === 'Array') return plainArray(ruleOf(typeAt(args, 0)))
  if (name === 'Enum' || name === 'Enum8' || name === 'Enum16')
    return plainEnum([...enumNames(args).keys()])
  return Object.hasOwn(PLAIN, name) ? (PLAIN[name] ?? null) : null
}

function typeAt(args: readonly TypeArgument[], index: number): TypeTree {
  return args[index]?.tree ?? { kind: 'type', name: 'String', args: null }
}

/** `'a' = 1, 'b' = 2`; names without a number count on from 1, as ClickHouse does. */
function enumNames(args: readonly TypeArgument[]): Map<string, string> {
  const names = new Map<string, string>()
  let next = 1
  for (const { tree, equals } of args) {
    const number = equals === null ? next : Number(equals)
    next = number + 1
    if (tree.kind === 'literal') names.set(plainQuoted(tree.text), String(number))
  }
  return names
}

function plainName(label: string): string {
  return label.startsWith('`') ? plainQuoted(label) : label
}

/** The inside of a quoted ClickHouse literal or identifier. */
function plainQuoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)|''/g, (_, escaped: string | undefined) => escaped ?? "'")
}
