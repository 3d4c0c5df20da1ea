// Numbers as Python's format specifications write them, in parts: sign, prefix, digits before the point, and the rest.
import { exactFixed } from './exact-fixed.ts'
import { floatRepr } from './py-text.ts'
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
  /** `#`: prefixes of other bases; a point and zeros that would be dropped. */
  readonly isAlternate: boolean
}

/** A number ready for filling. */
export interface NumberParts {
  readonly sign: string
  /** `0x` and the like. */
  readonly prefix: string
  /** Digits before the point, what grouping and zeros apply to; empty for `inf` and `nan`. */
  readonly digits: string
  /** Point, decimals, exponent, percent sign; or `inf`. */
  readonly rest: string
  /** Digits between two marks of grouping. */
  readonly groupSize: number
}

const RADIX: ReadonlyMap<string, number> = new Map([
  ['x', 16],
  ['X', 16],
  ['o', 8],
  ['b', 2],
])
const FLOAT_TYPES = 'eEfFgG%'

/** Cuts a number into parts. @throws ValueError for a type, precision or grouping the number cannot have. */
export function numberParts(value: boolean | bigint | number, format: NumberFormat): NumberParts {
  const number = typeof value === 'boolean' ? BigInt(value) : value
  const { type } = format
  if (typeof number === 'bigint' && (type === undefined || !FLOAT_TYPES.includes(type)))
    return integerParts(number, format, typeName(value))
  if (type !== undefined && type !== 'n' && !FLOAT_TYPES.includes(type))
    throw unknownCode(type, typeName(value))
  if (type === 'n') refuseGroup(format)
  const float = Number(number)
  if (typeof number === 'bigint' && !Number.isFinite(float))
    throw new TemplateError('OverflowError', 'int too large to convert to float')
  const text = floatText(Math.abs(float), format)
  const [, digits = '', rest = ''] = /^([0-9]*)([^]*)$/.exec(text) ?? []
  const isNegative = float < 0 || Object.is(float, -0)
  return { sign: signOf(isNegative, format.sign), prefix: '', digits, rest, groupSize: 3 }
}

function signOf(isNegative: boolean, sign: string | undefined): string {
  return isNegative ? '-' : sign === undefined || sign === '-' ? '' : sign
}

function integerParts(value: bigint, format: NumberFormat, name: string): NumberParts {
  const { type, precision, group, sign, isAlternate } = format
  if (type === 'c') return characterParts(value, format)
  const radix = RADIX.get(type ?? '')
  if (type !== undefined && type !== 'd' && type !== 'n' && radix === undefined)
    throw unknownCode(type, name)
  if (precision !== null)
    throw new TemplateError('ValueError', 'Precision not allowed in integer format specifier')
  if (type === 'n' || (radix !== undefined && group === ',')) refuseGroup(format)
  const text = (value < 0n ? -value : value).toString(radix ?? 10)
  return {
    sign: signOf(value < 0n, sign),
    prefix: isAlternate && radix !== undefined ? `0${type ?? ''}` : '',
    digits: type === 'X' ? text.toUpperCase() : text,
    rest: '',
    groupSize: radix === undefined ? 3 : 4,
  }
}

function characterParts(value: bigint, format: NumberFormat): NumberParts {
  const refused =
    format.precision !== null
      ? 'Precision not allowed in integer format specifier'
      : format.sign !== undefined
        ? "Sign not allowed with integer format specifier 'c'"
        : format.isAlternate
          ? "Alternate form (#) not allowed with integer format specifier 'c'"
          : null
  if (refused !== null) throw new TemplateError('ValueError', refused)
  refuseGroup(format)
  if (value < 0n || value > 0x10ffffn)
    throw new TemplateError('OverflowError', '%c arg not in range(0x110000)')
  return {
    sign: '',
    prefix: '',
    digits: '',
    rest: String.fromCodePoint(Number(value)),
    groupSize: 3,
  }
}

function refuseGroup({ group, type }: NumberFormat): void {
  if (group !== undefined)
    throw new TemplateError('ValueError', `Cannot specify '${group}' with '${type ?? ''}'.`)
}

function unknownCode(type: string, name: string): TemplateError {
  return new TemplateError(
    'ValueError',
    `Unknown format code '${type}' for object of type '${name}'`,
  )
}

/** A float without its sign. */
function floatText(size: number, { type, precision, isAlternate }: NumberFormat): string {
  const isUpper = type === 'E' || type === 'F' || type === 'G'
  const percent = type === '%' ? '%' : ''
  const number = type === '%' ? size * 100 : size
  if (!Number.isFinite(number)) {
    const text = floatRepr(number)
    return (isUpper ? text.toUpperCase() : text) + percent
  }
  const text = finiteText(number, type, precision, isAlternate) + percent
  return isUpper ? text.toUpperCase() : text
}

function finiteText(
  size: number,
  type: string | undefined,
  precision: number | null,
  isAlternate: boolean,
): string {
  switch (type?.toLowerCase()) {
    case undefined:
      if (precision === null)
        return isAlternate ? floatRepr(size).replace(/^(\d+)e/, '$1.e') : floatRepr(size)
      return significant(size, Math.max(precision, 1), isAlternate, true)
    case 'f':
    case '%':
      return withPoint(exactFixed(size, precision ?? 6), isAlternate)
    case 'e':
      return exponential(size, precision ?? 6, isAlternate)
    default:
      return significant(size, Math.max(precision ?? 6, 1), isAlternate, false)
  }
}

/** Decimals that toExponential() can make; more of them are zeros that say nothing. */
const EXPONENTIAL_MAX = 100

function exponential(size: number, decimals: number, isAlternate: boolean): string {
  const made = Math.min(decimals, EXPONENTIAL_MAX)
  const [mantissa, power] = halfEvenExponential(size, made)
  return withPoint(mantissa, isAlternate) + exponentText(power)
}

/** Mantissa and exponent, a tie rounded to the even digit: toExponential() rounds it up. */
function halfEvenExponential(size: number, decimals: number): [string, number] {
  const [mantissa = '', power = '0'] = size.toExponential(decimals).split('e')
  const [long = '', longPower = '0'] = size.toExponential(EXPONENTIAL_MAX).split('e')
  const cut = long.slice(0, decimals === 0 ? 1 : decimals + 2)
  const isTie = /^\.?50*$/.test(long.slice(cut.length))
  return isTie && /[02468]$/.test(cut) ? [cut, Number(longPower)] : [mantissa, Number(power)]
}

function exponentText(power: number): string {
  return `e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function withPoint(text: string, isAlternate: boolean): string {
  return isAlternate && !text.includes('.') ? `${text}.` : text
}

/** `g`: so many significant digits, an exponent when the number is very small or large. Without a type at least one decimal stays. */
function significant(
  size: number,
  digits: number,
  isAlternate: boolean,
  keepsDecimal: boolean,
): string {
  const count = Math.min(digits, EXPONENTIAL_MAX)
  const [mantissa, exponent] = halfEvenExponential(size, count - 1)
  const trim = (text: string): string =>
    isAlternate ? withPoint(text, true) : text.includes('.') ? text.replace(/\.?0+$/, '') : text
  if (exponent < -4 || exponent >= digits - (keepsDecimal ? 1 : 0))
    return trim(mantissa) + exponentText(exponent)
  const text = trim(exactFixed(size, Math.max(0, digits - 1 - exponent)))
  return keepsDecimal && !text.includes('.') ? `${text}.0` : text
}

/**
 * Digits with a mark between groups, and zeros before them up to a width that counts the marks: a mark never comes first.
 * @param width 0 for no zeros.
 */
export function groupDigits(
  digits: string,
  group: string | undefined,
  groupSize: number,
  width: number,
): string {
  if (group === undefined) return digits.padStart(width, '0')
  let missing = 0
  const marks = (count: number): number => Math.ceil(count / groupSize) - 1
  while (digits.length + missing + marks(digits.length + missing) < width) missing++
  const all = '0'.repeat(missing) + digits
  const first = all.length % groupSize
  const groups = first === 0 ? [] : [all.slice(0, first)]
  for (let at = first; at < all.length; at += groupSize) groups.push(all.slice(at, at + groupSize))
  return groups.join(group)
}
