// Python's str.format() and % formatting, without attribute access: `{0.x}` and `{0[x]}` reach nothing.
import type { Budget } from './budget.ts'
import { exactFixed } from './exact-fixed.ts'
import { characters, floatRepr, pyRepr, pyStr } from './py-text.ts'
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
export function formatValue(given: Value, spec: string): string {
  const value = plain(given)
  const found =
    /^(?:([^])?([<>=^]))?([-+ ])?(#)?(0)?([0-9]+)?([,_])?(?:\.([0-9]+))?([a-zA-Z%])?$/u.exec(spec)
  if (found === null) throw new TemplateError('ValueError', 'Invalid format specifier')
  const [, fill, align, sign, , zero, widthText, group, precisionText, type] = found
  const width = size(widthText)
  const precision = precisionText === undefined ? null : size(precisionText)
  const body =
    isNumeric(value) && type !== 's'
      ? numberText(value, type, precision, group, sign)
      : sliceText(value, type, precision)
  const isNumber = isNumeric(value)
  const side = align ?? (zero !== undefined ? '=' : isNumber ? '>' : '<')
  return pad(body, width, fill ?? (zero !== undefined ? '0' : ' '), side)
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

function numberText(
  value: boolean | bigint | number,
  type: string | undefined,
  precision: number | null,
  group: string | undefined,
  sign: string | undefined,
): string {
  if (typeof value === 'boolean' && type === undefined && precision === null) return pyStr(value)
  const isNegative = Number(value) < 0 || Object.is(value, -0)
  const digits = groupDigits(
    unsignedText(typeof value === 'boolean' ? BigInt(value) : value, type, precision),
    group,
  )
  return (isNegative ? '-' : sign === undefined || sign === '-' ? '' : sign) + digits
}

function unsignedText(
  value: bigint | number,
  type: string | undefined,
  precision: number | null,
): string {
  const size = value < 0 ? -value : value
  switch (type) {
    case undefined:
      if (typeof size === 'bigint') return String(size)
      return precision === null ? floatRepr(Math.abs(size)) : general(size, precision)
    case 'd':
    case 'n':
      if (typeof size === 'number')
        throw new TemplateError(
          'ValueError',
          `Unknown format code '${type}' for object of type 'float'`,
        )
      return String(size)
    case 'x':
    case 'X':
    case 'o':
    case 'b': {
      if (typeof size === 'number')
        throw new TemplateError(
          'ValueError',
          `Unknown format code '${type}' for object of type 'float'`,
        )
      const text = size.toString({ x: 16, X: 16, o: 8, b: 2 }[type])
      return type === 'X' ? text.toUpperCase() : text
    }
    case 'f':
    case 'F':
      return fixed(Number(size), precision ?? 6)
    case '%':
      return `${fixed(Number(size) * 100, precision ?? 6)}%`
    case 'e':
    case 'E': {
      const text = Number(size)
        .toExponential(Math.min(precision ?? 6, 100))
        .replace(/e([+-])(\d)$/, 'e$10$2')
      return type === 'E' ? text.toUpperCase() : text
    }
    case 'g':
    case 'G':
      return general(Number(size), precision ?? 6)
    default:
      throw new TemplateError(
        'ValueError',
        `Unknown format code '${type}' for object of type '${typeName(value)}'`,
      )
  }
}

function fixed(value: number, precision: number): string {
  return Number.isFinite(value) ? exactFixed(value, precision) : floatRepr(value)
}

function general(value: number, precision: number): string {
  if (!Number.isFinite(value)) return floatRepr(value)
  const digits = Math.min(Math.max(precision, 1), 100)
  const [mantissa = '', power = '0'] = value.toExponential(digits - 1).split('e')
  const exponent = Number(power)
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (exponent >= -4 && exponent < digits)
    return trim(value.toFixed(Math.min(100, Math.max(0, digits - 1 - exponent))))
  return `${trim(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function groupDigits(text: string, group: string | undefined): string {
  if (group === undefined) return text
  const [whole = '', ...rest] = text.split('.')
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, group), ...rest].join('.')
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
  if ('diu'.includes(type))
    return formatValue(
      typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(value),
      `${align}${sign}${width}d`,
    )
  return formatValue(value, spec(type))
}
