// Python's str.format() and % formatting, without attribute access: `{0.x}` and `{0[x]}` reach nothing.
import type { Budget } from './budget.ts'
import { numberText } from './format-number.ts'
import { characters, pyRepr, pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { isKind, isNumeric, plain, typeName, type Value } from './values.ts'

/** Width and precision that formatting may ask for. */
const WIDTH_MAX = 10_000

/** `text.format(*args, **keywords)`. @throws TemplateError as Python does. */
export function formatBraces(
  text: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  budget: Budget,
): string {
  let automatic = 0
  const pattern = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g
  return text.replace(pattern, (whole, field?: string) => {
    if (whole === '{{' || whole === '}}') return whole.slice(1)
    if (field === undefined)
      throw new TemplateError('ValueError', `Single '${whole}' encountered in format string`)
    const [, name = '', conversion, spec = ''] =
      /^([^!:]*)(?:!([rsa]))?(?::([^]*))?$/.exec(field) ?? []
    if (!/^\w*$/.test(name))
      throw new TemplateError('ValueError', 'format fields can only be names and numbers')
    const value = /^[0-9]*$/.test(name)
      ? args[name === '' ? automatic++ : Number(name)]
      : keywords.get(name)
    if (value === undefined)
      throw /^[0-9]*$/.test(name)
        ? new TemplateError(
            'IndexError',
            'Replacement index out of range for positional args tuple',
          )
        : new TemplateError('KeyError', `'${name}'`)
    const shown =
      conversion === 'r' || conversion === 'a'
        ? pyRepr(value)
        : conversion === 's'
          ? pyStr(value)
          : value
    const result = formatValue(shown, spec)
    budget.spendText(result.length)
    return result
  })
}

/** Python's format(value, spec): fill, align, sign, `#`, `0`, width, grouping, precision, type. */
function formatValue(given: Value, spec: string): string {
  const value = plain(given)
  const found =
    /^(?:([^])?([<>=^]))?([-+ ])?(#)?(0)?([0-9]+)?([,_])?(?:\.([0-9]+))?([a-zA-Z%])?$/u.exec(spec)
  if (found === null) throw new TemplateError('ValueError', 'Invalid format specifier')
  const [, fill, align, sign, , zero, widthText, group, precisionText, type] = found
  const width = size(widthText)
  const precision = precisionText === undefined ? null : size(precisionText)
  const isNumber = isNumeric(value)
  if (!isNumber && align === '=')
    throw new TemplateError('ValueError', "'=' alignment not allowed in string format specifier")
  const body = isNumber
    ? numberText(value, { type, precision, group, sign })
    : sliceText(value, type, precision)
  const side = align ?? (isNumber ? (zero === undefined ? '>' : '=') : '<')
  return pad(body, width, fill ?? (zero === undefined ? ' ' : '0'), side)
}

function size(text: string | undefined): number {
  const value = Number(text ?? 0)
  if (value > WIDTH_MAX)
    throw new TemplateError('ValueError', 'format width or precision is too large')
  return value
}

function sliceText(value: Value, type: string | undefined, precision: number | null): string {
  if (type !== undefined && type !== 's')
    throw new TemplateError(
      'ValueError',
      `Unknown format code '${type}' for object of type '${typeName(value)}'`,
    )
  const text = pyStr(value)
  return precision === null ? text : characters(text).slice(0, precision).join('')
}

function pad(text: string, width: number, fill: string, side: string): string {
  const missing = width - characters(text).length
  if (missing <= 0) return text
  if (side === '<') return text + fill.repeat(missing)
  if (side === '^')
    return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2))
  const sign = side === '=' && /^[-+ ]/.test(text) ? text.slice(0, 1) : ''
  return sign + fill.repeat(missing) + text.slice(sign.length)
}

/** `text % values`. */
export function formatPercent(text: string, values: Value, budget: Budget): string {
  const args = isKind(values, 'tuple') ? values.items : [values]
  const named = isKind(values, 'dict') ? values : null
  let next = 0
  const result = text.replace(
    /%(?:\((\w*)\))?([-+ 0#]*)([0-9]*)(?:\.([0-9]+))?([a-zA-Z%])?/g,
    (
      whole,
      name: string | undefined,
      flags: string,
      width: string,
      precision: string | undefined,
      type: string | undefined,
    ) => {
      if (type === '%') return '%'
      if (type === undefined) throw new TemplateError('ValueError', 'incomplete format')
      const value = name === undefined ? args[next++] : named?.entries.get(`s${name}`)?.[1]
      if (value === undefined)
        throw name === undefined
          ? new TemplateError('TypeError', 'not enough arguments for format string')
          : new TemplateError('KeyError', `'${name}'`)
      const made = percentField(value, flags, width, precision, type)
      budget.spendText(made.length)
      return made
    },
  )
  if (named === null && next < args.length)
    throw new TemplateError('TypeError', 'not all arguments converted during string formatting')
  return result
}

function percentField(
  given: Value,
  flags: string,
  width: string,
  precision: string | undefined,
  type: string,
): string {
  const value = plain(given)
  const align = flags.includes('-')
    ? '<'
    : flags.includes('0') && 'dfeEgGxXio'.includes(type)
      ? '0='
      : '>'
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const spec = (kind: string): string =>
    `${align}${'dfeEgGxXo'.includes(kind) ? sign : ''}${width}${precision === undefined ? '' : `.${precision}`}${kind}`
  if (type === 's' || type === 'r' || type === 'a')
    return formatValue(type === 's' ? pyStr(value) : pyRepr(value), spec('s'))
  if (!isNumeric(value))
    throw new TemplateError(
      'TypeError',
      `%${type} format: a real number is required, not ${typeName(value)}`,
    )
  if (!'diuxXo'.includes(type)) return formatValue(value, spec(type))
  if (typeof value === 'number' && !'diu'.includes(type)) {
    throw new TemplateError('TypeError', `%${type} format: an integer is required, not float`)
  }
  const int = typeof value === 'number' ? truncated(value) : BigInt(value)
  const digits = numberText(int < 0n ? -int : int, {
    type: 'iu'.includes(type) ? 'd' : type,
    precision: null,
    group: undefined,
    sign: undefined,
  })
  const padded = digits.padStart(precision === undefined ? 0 : size(precision), '0')
  return pad(
    (int < 0n ? '-' : sign) + padded,
    size(width),
    flags.includes('0') && !flags.includes('-') ? '0' : ' ',
    align.at(-1) ?? '>',
  )
}

function truncated(value: number): bigint {
  if (!Number.isFinite(value))
    throw new TemplateError(
      'ValueError',
      `cannot convert float ${Number.isNaN(value) ? 'NaN' : 'infinity'} to integer`,
    )
  return BigInt(Math.trunc(value))
}
