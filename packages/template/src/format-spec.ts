// Python's format specifications: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
import type { Budget } from './budget.ts'
import { groupDigits, numberParts } from './format-number.ts'
import { characters, cut, length, pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { isKind, isNumeric, NO_VALUE, plain, typeName, type Value } from './values.ts'

/** Width and precision that formatting may ask for. */
const WIDTH_MAX = 10_000

/** Steps one decimal asked for costs: exact decimals are made with long integers. */
const STEPS_PER_DECIMAL = 1 / 8

/** A parsed format specification. */
interface FormatSpec {
  readonly fill: string | undefined
  readonly align: string | undefined
  readonly sign: string | undefined
  /** `#`. */
  readonly isAlternate: boolean
  /** `0` before the width. */
  readonly isZeroFilled: boolean
  readonly width: number
  /** `,` or `_`. */
  readonly group: string | undefined
  readonly precision: number | null
  readonly type: string | undefined
}

const SPEC = /^(?:([^])?([<>=^]))?([-+ ])?(#)?(0)?([0-9]+)?([,_])?(?:\.([0-9]+))?([^])?$/u

/** Python's format(value, spec). @throws ValueError | TypeError as Python does, and ValueError for a width beyond 10,000. */
export function formatValue(given: Value, text: string, budget: Budget): string {
  const value = plain(given)
  if (isKind(value, 'placeholder')) return NO_VALUE
  if (text === '') return pyStr(value, budget)
  const spec = parseSpec(text, budget)
  if (isNumeric(value)) return formatNumber(value, spec)
  if (typeof value !== 'string')
    throw new TemplateError(
      'TypeError',
      `unsupported format string passed to ${typeName(value)}.__format__`,
    )
  return formatString(value, spec)
}

function parseSpec(text: string, budget: Budget): FormatSpec {
  const found = SPEC.exec(text)
  if (found === null) throw new TemplateError('ValueError', 'Invalid format specifier')
  const [, fill, align, sign, alternate, zero, width, group, precision, type] = found
  const spec = {
    fill,
    align,
    sign,
    isAlternate: alternate !== undefined,
    isZeroFilled: zero !== undefined,
    width: formatSize(width),
    group,
    precision: precision === undefined ? null : formatSize(precision),
    type,
  }
  budget.spendText(spec.width)
  budget.spend((spec.precision ?? 0) * STEPS_PER_DECIMAL)
  return spec
}

/** A width or precision. @throws ValueError beyond 10,000. */
export function formatSize(text: string | undefined): number {
  const value = Number(text ?? 0)
  if (value > WIDTH_MAX)
    throw new TemplateError('ValueError', 'format width or precision is too large')
  return value
}

function formatString(value: string, spec: FormatSpec): string {
  const refused =
    spec.type !== undefined && spec.type !== 's'
      ? `Unknown format code '${spec.type}' for object of type 'str'`
      : spec.sign !== undefined
        ? 'Sign not allowed in string format specifier'
        : spec.isAlternate
          ? 'Alternate form (#) not allowed in string format specifier'
          : spec.align === '='
            ? "'=' alignment not allowed in string format specifier"
            : spec.group === undefined
              ? null
              : `Cannot specify '${spec.group}' with 's'.`
  if (refused !== null) throw new TemplateError('ValueError', refused)
  const text = spec.precision === null ? value : cut(value, 0, spec.precision)
  return pad(text, spec.width, spec.fill ?? (spec.isZeroFilled ? '0' : ' '), spec.align ?? '<')
}

function formatNumber(value: boolean | bigint | number, spec: FormatSpec): string {
  const fill = spec.fill ?? (spec.isZeroFilled ? '0' : ' ')
  const side = spec.align ?? (spec.isZeroFilled ? '=' : '>')
  const { sign, prefix, digits, rest, groupSize } = numberParts(value, spec)
  const lead = sign + prefix
  const tail = rest.length
  // Zeros between sign and digits are digits: they are grouped too.
  const zeros = side === '=' && fill === '0' ? spec.width - lead.length - tail : 0
  const body = digits === '' ? '' : groupDigits(digits, spec.group, groupSize, zeros)
  const text = lead + body + rest
  return side === '='
    ? lead + pad(body + rest, spec.width - lead.length, fill, '>')
    : pad(text, spec.width, fill, side)
}

/** Fills text up to a width: `<` left, `>` right, `^` in the middle. */
export function pad(text: string, width: number, fill: string, side: string): string {
  const missing = width - length(text)
  if (missing <= 0) return text
  if (side === '<') return text + fill.repeat(missing)
  if (side === '^')
    return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2))
  return fill.repeat(missing) + text
}

/** The first character of a one-character str, or null. */
export function oneCharacter(text: string): string | null {
  const [only, ...more] = characters(text.slice(0, 4))
  return only === undefined || more.length > 0 ? null : only
}
