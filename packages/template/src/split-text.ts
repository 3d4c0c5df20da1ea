// Cutting str into lists and joining them, as Python does. Linear; each part is paid for.
import { bind, indexOf, textOf, type CallArguments } from './arguments.ts'
import type { Budget } from './budget.ts'
import { iterate } from './iterate.ts'
import { WHITE_SPACE } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { NO_VALUE, isKind, list, plain, truthy, tuple, typeName, type Value } from './values.ts'

const WORD = new RegExp(`[^${WHITE_SPACE}]+`, 'g')

/** Python's str.split(). */
export function split(text: string, call: CallArguments, budget: Budget): Value {
  const { separator, max } = splitArguments(call, 'split')
  if (separator === null) return paid(splitWords(text, max), budget)
  const parts = text.split(separator)
  if (parts.length - 1 <= max) return paid(parts, budget)
  return paid([...parts.slice(0, max), parts.slice(max).join(separator)], budget)
}

/** Python's str.rsplit(): as split(), counted from the end. */
export function rsplit(text: string, call: CallArguments, budget: Budget): Value {
  const { separator, max } = splitArguments(call, 'rsplit')
  if (separator === null) return paid(splitLastWords(text, max), budget)
  const parts = splitFromEnd(text, separator)
  if (parts.length - 1 <= max) return paid(parts, budget)
  const kept = parts.length - max
  return paid([parts.slice(0, kept).join(separator), ...parts.slice(kept)], budget)
}

/** Separators that overlap are found from the end: 'XXX' by 'XX' is 'X' and nothing. */
function splitFromEnd(text: string, separator: string): string[] {
  const parts: string[] = []
  let end = text.length
  while (end >= separator.length) {
    const at = text.lastIndexOf(separator, end - separator.length)
    if (at < 0) break
    parts.push(text.slice(at + separator.length, end))
    end = at
  }
  parts.push(text.slice(0, end))
  return parts.reverse()
}

/** Words up to `max`; what is left then stays as it is, white space at its end too. */
function splitWords(text: string, max: number): string[] {
  const words: string[] = []
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (words.length === max) return [...words, text.slice(index)]
    words.push(word)
  }
  return words
}

function splitLastWords(text: string, max: number): string[] {
  const found = [...text.matchAll(WORD)]
  if (found.length <= max) return found.map(([word]) => word)
  const kept = max === 0 ? [] : found.slice(-max).map(([word]) => word)
  const last = found[found.length - max - 1]
  return [text.slice(0, (last?.index ?? 0) + (last?.[0].length ?? 0)), ...kept]
}

function splitArguments(
  call: CallArguments,
  fn: string,
): { separator: string | null; max: number } {
  const [separator, max] = bind(call, fn, ['sep', 'maxsplit'])
  const limit = max === undefined ? -1 : indexOf(max, fn)
  const by = separator === undefined || separator === null ? null : textOf(separator, fn)
  if (by === '') throw new TemplateError('ValueError', 'empty separator')
  return { separator: by, max: limit < 0 ? Infinity : limit }
}

function paid(parts: string[], budget: Budget): Value {
  budget.spend(parts.length)
  return list(parts)
}

const LINE_END = '\n\r\v\f\x1c-\x1e\x85\u2028\u2029'
const LINE = new RegExp(`[^${LINE_END}]*(\r\n|[${LINE_END}]|$)`, 'g')

/** Python's str.splitlines(). */
export function splitLines(text: string, call: CallArguments, budget: Budget): Value {
  const [keeps = false] = bind(call, 'splitlines', ['keepends'])
  const lines = [...text.matchAll(LINE)]
    .filter(([line]) => line !== '')
    .map(([line, end = '']) => (truthy(keeps) ? line : line.slice(0, line.length - end.length)))
  return paid(lines, budget)
}

/** Python's str.partition() and str.rpartition(). */
export function partition(
  text: string,
  call: CallArguments,
  fn: 'partition' | 'rpartition',
): Value {
  const [given] = bind(call, fn, ['sep'])
  const separator = textOf(given, fn)
  if (separator === '') throw new TemplateError('ValueError', 'empty separator')
  const isLast = fn === 'rpartition'
  const at = isLast ? text.lastIndexOf(separator) : text.indexOf(separator)
  if (at < 0) return tuple(isLast ? ['', '', text] : [text, '', ''])
  return tuple([text.slice(0, at), separator, text.slice(at + separator.length)])
}

/** Python's str.join(). */
export function join(text: string, call: CallArguments, budget: Budget): Value {
  const [items = null] = bind(call, 'join', ['iterable'])
  if (isKind(plain(items), 'placeholder')) return NO_VALUE
  const parts = iterate(items, budget).map((item, index) => {
    const part = plain(item)
    if (isKind(part, 'placeholder')) return NO_VALUE
    if (typeof part !== 'string')
      throw new TemplateError(
        'TypeError',
        `sequence item ${String(index)}: expected str instance, ${typeName(part)} found`,
      )
    return part
  })
  budget.spendText(parts.reduce((sum, part) => sum + part.length + text.length, 0))
  return parts.join(text)
}
