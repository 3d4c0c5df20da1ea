// Python's `text % values`.
import type { Budget } from './budget.ts'
import { formatSize, formatValue, oneCharacter, pad } from './format-spec.ts'
import { numberParts } from './format-number.ts'
import { asciiRepr, cut, pyRepr, pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { isKind, isNumeric, plain, typeName, type Value } from './values.ts'

const FIELD = /%(?:\(([^)]*)\))?([-+ 0#]*)(\*|[0-9]*)(?:\.(\*|[0-9]*))?[hlL]?([^])?/gu

interface Field {
  readonly flags: string
  readonly width: number
  readonly precision: number | null
  readonly type: string
}

/** Fills the fields of text. @throws TemplateError as Python does. */
export function formatPercent(text: string, values: Value, budget: Budget): string {
  budget.spendText(text.length)
  const isTuple = isKind(values, 'tuple')
  const args = isTuple ? values.items : [values]
  let next = 0
  const used = { byName: false }
  const take = (): Value => {
    const value = args[next++]
    if (value === undefined)
      throw new TemplateError('TypeError', 'not enough arguments for format string')
    return value
  }
  const replaced = text.replace(
    FIELD,
    (
      whole: string,
      name: string | undefined,
      flags: string,
      width: string,
      precision: string | undefined,
      type: string | undefined,
    ) => {
      budget.spend(1 / 2)
      if (whole === '%%') return '%'
      if (type === undefined) throw new TemplateError('ValueError', 'incomplete format')
      if (name !== undefined) used.byName = true
      const value = name === undefined ? null : named(values, name)
      const field = fieldOf(flags, width, precision, type, take)
      const made = formatField(name === undefined ? take() : value, field, budget)
      budget.spendText(made.length)
      return made
    },
  )
  // A list or dictionary may stand there unused: it could have been read by name.
  const mayStay = used.byName || isKind(values, 'dict') || isKind(values, 'list')
  if (next < args.length && !mayStay)
    throw new TemplateError('TypeError', 'not all arguments converted during string formatting')
  return replaced
}

function named(values: Value, name: string): Value {
  if (!isKind(values, 'dict')) throw new TemplateError('TypeError', 'format requires a mapping')
  const found = values.entries.get(`s${name}`)
  if (found === undefined) throw new TemplateError('KeyError', `'${name}'`)
  return found[1]
}

function fieldOf(
  flags: string,
  width: string,
  precision: string | undefined,
  type: string,
  take: () => Value,
): Field {
  const given = width === '*' ? starred(take()) : formatSize(width)
  return {
    flags: given < 0 ? `${flags}-` : flags,
    width: Math.abs(given),
    precision:
      precision === undefined
        ? null
        : precision === '*'
          ? Math.max(0, starred(take()))
          : formatSize(precision),
    type,
  }
}

function starred(given: Value): number {
  const value = plain(given)
  if (typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new TemplateError('TypeError', '* wants int')
  const size = Number(value)
  return Math.sign(size) * formatSize(String(Math.abs(size)))
}

function formatField(given: Value, field: Field, budget: Budget): string {
  const value = plain(given)
  const { flags, width, precision, type } = field
  budget.spendText(width + (precision ?? 0) * 8)
  if (isKind(value, 'placeholder')) return pyStr(value, budget)
  const side = flags.includes('-') ? '<' : '>'
  if ('sra'.includes(type)) {
    const text =
      type === 's'
        ? pyStr(value, budget)
        : type === 'r'
          ? pyRepr(value, budget)
          : asciiRepr(value, budget)
    return pad(precision === null ? text : cut(text, 0, precision), width, ' ', side)
  }
  if (type === 'c') return pad(characterOf(value, budget), width, ' ', side)
  if (!'diuxXoeEfFgG'.includes(type))
    throw new TemplateError('ValueError', `unsupported format character '${type}'`)
  if (!isNumeric(value))
    throw new TemplateError(
      'TypeError',
      'diuxXo'.includes(type)
        ? `%${type} format: ${'diu'.includes(type) ? 'a real number' : 'an integer'} is required, not ${typeName(value)}`
        : `must be real number, not ${typeName(value)}`,
    )
  return 'diuxXo'.includes(type)
    ? integerField(value, field)
    : filled(floatField(value, field), field)
}

function characterOf(value: Value, budget: Budget): string {
  if (typeof value === 'bigint' || typeof value === 'boolean')
    return formatValue(BigInt(value), 'c', budget)
  const character = typeof value === 'string' ? oneCharacter(value) : null
  if (character === null) throw new TemplateError('TypeError', '%c requires int or char')
  return character
}

/** Sign and prefix, and what follows them. */
type SignedText = readonly [string, string]

function floatField(value: boolean | bigint | number, field: Field): SignedText {
  const { sign, digits, rest } = numberParts(Number(value), {
    type: field.type,
    precision: field.precision,
    group: undefined,
    sign: signFlag(field.flags),
    isAlternate: field.flags.includes('#'),
  })
  return [sign, digits + rest]
}

function integerField(value: boolean | bigint | number, field: Field): string {
  const isDecimal = 'diu'.includes(field.type)
  if (typeof value === 'number' && !isDecimal)
    throw new TemplateError('TypeError', `%${field.type} format: an integer is required, not float`)
  const { sign, prefix, digits } = numberParts(
    typeof value === 'number' ? truncated(value) : BigInt(value),
    {
      type: isDecimal ? 'd' : field.type,
      precision: null,
      group: undefined,
      sign: signFlag(field.flags),
      isAlternate: field.flags.includes('#'),
    },
  )
  return filled([sign + prefix, digits.padStart(field.precision ?? 0, '0')], field)
}

function signFlag(flags: string): string | undefined {
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : undefined
}

function filled([sign, body]: SignedText, { flags, width }: Field): string {
  if (flags.includes('-')) return pad(sign + body, width, ' ', '<')
  if (!flags.includes('0')) return pad(sign + body, width, ' ', '>')
  return sign + body.padStart(width - sign.length, '0')
}

function truncated(value: number): bigint {
  if (Number.isFinite(value)) return BigInt(Math.trunc(value))
  throw Number.isNaN(value)
    ? new TemplateError('ValueError', 'cannot convert float NaN to integer')
    : new TemplateError('OverflowError', 'cannot convert float infinity to integer')
}
