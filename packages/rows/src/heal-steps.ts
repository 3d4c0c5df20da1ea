// The closed list of changes that a mapping may make to a value. Texts of JSON values in, texts of JSON values out; no code, no
// expressions. A step that does not apply leaves the value as it is.
import type { HealStep } from '@sandpiper/contracts'
import { unquoted } from './json-scanner.ts'

const NUMBER = /^([+-]?)0*(\d{1,100})((?:\.\d{1,100})?)((?:[eE][+-]?\d{1,4})?)$/
const NUMBER_CHARS_MAX = 1_000
const GROUPED = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
const EPOCH = /^-?\d{1,16}(?:\.\d{1,9})?$/

/** Applies the steps in order. @param value text of a sound JSON value. */
export function applySteps(value: string, steps: readonly HealStep[]): string {
  return steps.reduce(applyStep, value)
}

function applyStep(value: string, step: HealStep): string {
  if (typeof step !== 'string') {
    if ('date' in step) return dated(value, step.date)
    const text = textOf(value)
    if (text === null || !Object.hasOwn(step.values, text)) return value
    return JSON.stringify(step.values[text])
  }
  switch (step) {
    case 'trim':
      return textOf(value) === null ? value : JSON.stringify(textOf(value)?.trim())
    case 'empty_to_null':
      return value === '""' ? 'null' : value
    case 'number':
      return numbered(value)
    case 'text':
      return value === 'null' || textOf(value) !== null ? value : JSON.stringify(value)
    case 'epoch_seconds':
      return timed(value, 1_000)
    case 'epoch_milliseconds':
      return timed(value, 1)
  }
}

/** Texts of numbers, with commas between thousands or without. Digits stay as they are. */
function numbered(value: string): string {
  const text = textOf(value)?.trim()
  if (text === undefined || text.length > NUMBER_CHARS_MAX) return value
  const plain = GROUPED.test(text) ? text.replaceAll(',', '') : text
  const [, sign, whole, fraction, exponent] = NUMBER.exec(plain) ?? []
  if (whole === undefined) return value
  return `${sign === '-' ? '-' : ''}${whole}${fraction ?? ''}${exponent ?? ''}`
}

function timed(value: string, milliseconds: number): string {
  const text = (textOf(value) ?? value).trim()
  if (!EPOCH.test(text)) return value
  const at = new Date(Number(text) * milliseconds)
  return Number.isNaN(at.getTime()) ? value : `"${at.toISOString()}"`
}

function dated(value: string, format: string): string {
  const text = textOf(value)?.trim()
  if (text === undefined) return value
  const tokens = format.match(/YYYY|MM|DD|HH|mm|ss|SSS|./g) ?? []
  const parts = new Map<string, string>()
  let at = 0
  for (const token of tokens) {
    const piece = text.slice(at, at + token.length)
    const isDigits = token.length > 1
    if (isDigits ? !/^\d+$/.test(piece) || piece.length < token.length : piece !== token)
      return value
    if (isDigits) parts.set(token, piece)
    at += token.length
  }
  if (at !== text.length) return value
  const day = ['YYYY', 'MM', 'DD'].map((token) => parts.get(token)).join('-')
  if (!parts.has('HH')) return `"${day}"`
  const time = ['HH', 'mm', 'ss'].map((token) => parts.get(token) ?? '00').join(':')
  return `"${day} ${time}${parts.has('SSS') ? `.${parts.get('SSS') ?? ''}` : ''}"`
}

/** What a JSON string says; null for other values. */
function textOf(value: string): string | null {
  return value.startsWith('"') ? unquoted(value) : null
}
