// The typed functions of the language: what each accepts and how it is written in SQL.
import type { Budget } from './budget.ts'
import { isDateText } from './dates.ts'
import { arraySql, castSql, stringSql, typed } from './escape-literal.ts'
import { floatRepr, parseFloatText, pyStr } from './py-text.ts'
import {
  NO_VALUE,
  PLACEHOLDER,
  isKind,
  isNumeric,
  plain,
  type Typed,
  type Value,
} from './values.ts'

/** One scalar type: `read` gives the typed value, or null when the text is not of the type. */
export interface ScalarType {
  /** Name in error texts and parameter docs. */
  readonly name: string
  readonly read: (value: Value, budget: Budget) => Typed | null
  /** Written inside an array. Numbers stand bare there. */
  readonly element: (value: Value, budget: Budget) => Typed | null
  /** For test mode. */
  readonly placeholder: Typed
  /** A value of the type, for arrays in test mode. */
  readonly sample: Value
}

/** Finds a scalar type by the name templates use (`Int32`, `String`, `bool` ...). */
export function scalarType(name: string): ScalarType | undefined {
  return TYPES.get(name)
}

const BITS = [8, 16, 32, 64, 128, 256]

function integerType(name: string, bits: number, isSigned: boolean, isBare: boolean): ScalarType {
  const limit = 1n << BigInt(isSigned ? bits - 1 : bits)
  const pattern = isSigned ? /^[+-]?\d+$/ : /^\d+$/
  const read = (value: Value, budget: Budget): bigint | null => {
    const inner = plain(value)
    const text = typeof inner === 'boolean' ? String(Number(inner)) : pyStr(inner, budget)
    if (text.length > 90 || !pattern.test(text)) return null
    const int = BigInt(text.replace(/^\+/, ''))
    return int < limit && int >= (isSigned ? -limit : 0n) ? int : null
  }
  const bare = (value: Value, budget: Budget): Typed | null => {
    const int = read(value, budget)
    return int === null ? null : typed(int, String(int))
  }
  const cast = (value: Value, budget: Budget): Typed | null => {
    const int = read(value, budget)
    return int === null ? null : typed(int, castSql(name, String(int)))
  }
  return {
    name,
    read: isBare ? bare : cast,
    element: bare,
    placeholder: typed(PLACEHOLDER, isBare ? '0' : castSql(name, '0')),
    sample: 0n,
  }
}

function floatType(name: string): ScalarType {
  const read = (value: Value): number | null => {
    const inner = plain(value)
    return isNumeric(inner)
      ? Number(inner)
      : typeof inner === 'string'
        ? parseFloatText(inner)
        : null
  }
  const write =
    (sql: (text: string) => string) =>
    (value: Value): Typed | null => {
      const float = read(value)
      return float === null ? null : typed(float, sql(floatRepr(float)))
    }
  return {
    name,
    read: write((text) => castSql(name, text)),
    element: write((text) => text),
    placeholder: typed(PLACEHOLDER, castSql(name, '0.0')),
    sample: 0,
  }
}

/** A type written as a quoted string when its text passes a check. */
function quotedType(
  name: string,
  accepts: (text: string) => boolean,
  placeholder: string,
): ScalarType {
  const read = (value: Value, budget: Budget): Typed | null => {
    const text = pyStr(value, budget)
    budget.visitText(text.length)
    return accepts(text) ? typed(text, stringSql(text)) : null
  }
  return {
    name,
    read,
    element: read,
    placeholder: typed(PLACEHOLDER, stringSql(placeholder)),
    sample: placeholder,
  }
}

const boolean: ScalarType = (() => {
  const read = (given: Value): Typed => {
    const value = plain(given)
    const isFalse =
      value === null ||
      (isNumeric(value) && Number(value) === 0) ||
      (typeof value === 'string' && ['0', 'false'].includes(value.toLowerCase()))
    return typed(!isFalse, isFalse ? '0' : '1')
  }
  return {
    name: 'Boolean',
    read,
    element: read,
    placeholder: typed(PLACEHOLDER, '0'),
    sample: false,
  }
})()

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

const TYPES: ReadonlyMap<string, ScalarType> = new Map<string, ScalarType>([
  ...BITS.flatMap((bits): [string, ScalarType][] => [
    [`Int${String(bits)}`, integerType(`Int${String(bits)}`, bits, true, false)],
    [`UInt${String(bits)}`, integerType(`UInt${String(bits)}`, bits, false, false)],
  ]),
  ['Int', integerType('Int32', 32, true, true)],
  ['Integer', integerType('Int32', 32, true, true)],
  ['Float32', floatType('Float32')],
  ['Float64', floatType('Float64')],
  ['String', quotedType('String', () => true, NO_VALUE)],
  ['UUID', quotedType('UUID', (text) => UUID.test(text), '00000000-0000-0000-0000-000000000000')],
  ['Date', quotedType('Date', (text) => isDateText('Date', text), '2019-01-01')],
  [
    'DateTime',
    quotedType('DateTime', (text) => isDateText('DateTime', text), '2019-01-01 00:00:00'),
  ],
  [
    'DateTime64',
    quotedType('DateTime64', (text) => isDateText('DateTime64', text), '2019-01-01 00:00:00.000'),
  ],
  ['Boolean', boolean],
  ['bool', boolean],
])

/** All of them with the names they go by. */
export const SCALAR_TYPES: readonly (readonly [string, ScalarType])[] = [...TYPES]

/** Elements of an array of a type; a number is the index of the first element that is not of the type. */
export function readElements(
  type: ScalarType,
  elements: readonly Value[],
  budget: Budget,
): Typed | number {
  budget.spend(elements.length)
  const made: Typed[] = []
  for (const [index, element] of elements.entries()) {
    const one =
      element === null || isKind(plain(element), 'placeholder')
        ? null
        : type.element(element, budget)
    if (one === null) return index
    made.push(one)
  }
  return typed({ kind: 'list', items: made.map(({ value }) => value) }, arraySql(made, budget))
}
