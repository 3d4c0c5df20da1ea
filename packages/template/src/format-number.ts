// Numbers as Python's format specifications write them.
import { exactFixed } from './exact-fixed.ts'
import { floatRepr, pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { typeName } from './values.ts'

/** The parts of a format specification that concern the digits. */
export interface NumberFormat {
  readonly type: string | undefined
  readonly precision: number | null
  /** `,` or `_`. */
  readonly group: string | undefined
  /** `-`, `+` or a space. */
  readonly sign: string | undefined
}

/** A number with its sign, without padding. @throws ValueError for a type or precision the number cannot have. */
export function numberText(value: boolean | bigint | number, format: NumberFormat): string {
  const { type, precision, group, sign } = format
  if (typeof value === 'boolean' && type === undefined && precision === null) return pyStr(value)
  const isNegative = Number(value) < 0 || Object.is(value, -0)
  const number = typeof value === 'boolean' ? BigInt(value) : value
  const isInteger = typeof number === 'bigint' && (type === undefined || 'dnxXob'.includes(type))
  const digits = isInteger
    ? integerText(number, type, precision)
    : floatText(number, type, precision)
  const prefix = isNegative ? '-' : sign === undefined || sign === '-' ? '' : sign
  return prefix + groupDigits(digits, group)
}

const RADIX: ReadonlyMap<string, number> = new Map([
  ['x', 16],
  ['X', 16],
  ['o', 8],
  ['b', 2],
])

function integerText(value: bigint, type: string | undefined, precision: number | null): string {
  if (precision !== null)
    throw new TemplateError('ValueError', 'Precision not allowed in integer format specifier')
  const text = (value < 0n ? -value : value).toString(RADIX.get(type ?? '') ?? 10)
  return type === 'X' ? text.toUpperCase() : text
}

function floatText(
  number: bigint | number,
  type: string | undefined,
  precision: number | null,
): string {
  const size = Math.abs(Number(number))
  if (!Number.isFinite(size)) return floatRepr(size)
  switch (type) {
    case undefined:
      return precision === null ? floatRepr(size) : shortest(size, Math.max(precision, 1), true)
    case 'f':
    case 'F':
      return exactFixed(size, precision ?? 6)
    case '%':
      return `${exactFixed(size * 100, precision ?? 6)}%`
    case 'e':
    case 'E': {
      const text = exponential(size.toExponential(Math.min(precision ?? 6, 100)))
      return type === 'E' ? text.toUpperCase() : text
    }
    case 'g':
    case 'G':
    case 'n':
      return shortest(size, Math.max(precision ?? 6, 1), false)
    default:
      throw new TemplateError(
        'ValueError',
        `Unknown format code '${type}' for object of type '${typeName(number)}'`,
      )
  }
}

/** `g`: so many significant digits, an exponent when the number is very small or large. Without a type at least one decimal stays. */
function shortest(value: number, significant: number, keepsDecimal: boolean): string {
  const digits = Math.min(significant, 100)
  const [mantissa = '', power = '0'] = value.toExponential(digits - 1).split('e')
  const exponent = Number(power)
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (exponent < -4 || exponent >= digits - (keepsDecimal ? 1 : 0))
    return exponential(`${trim(mantissa)}e${power}`)
  const text = trim(exactFixed(value, digits - 1 - exponent))
  return keepsDecimal && !text.includes('.') ? `${text}.0` : text
}

function exponential(text: string): string {
  return text.replace(
    /e([+-]?)(\d+)$/,
    (_whole, sign: string, power: string) =>
      `e${sign === '' ? '+' : sign}${power.padStart(2, '0')}`,
  )
}

function groupDigits(text: string, group: string | undefined): string {
  if (group === undefined) return text
  const [whole = '', ...rest] = text.split('.')
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, group), ...rest].join('.')
}
