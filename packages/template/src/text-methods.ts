// Methods of str. A closed table: a name that is not here does not exist.
import { bind, indexOf, textOf, type CallArguments } from './arguments.ts'
import type { Budget } from './budget.ts'
import { formatBraces } from './format-text.ts'
import { iterate } from './iterate.ts'
import { characters } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { isKind, list, plain, tuple, typeName, type Value } from './values.ts'

type TextMethod = (text: string, call: CallArguments, budget: Budget) => Value

/** Python's white space, for strip() and split(). */
const SPACE = /[\s\u0085]+/gu

const titleCase = (text: string): string =>
  text.toLowerCase().replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1))

/** Finds a method of str; undefined when Python has it not or we do not. */
export function textMethod(name: string): TextMethod | undefined {
  return METHODS.get(name)
}

const METHODS: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  ['upper', (text) => text.toUpperCase()],
  ['lower', (text) => text.toLowerCase()],
  ['casefold', (text) => text.toLowerCase()],
  ['capitalize', (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()],
  ['title', titleCase],
  [
    'swapcase',
    (text) =>
      characters(text)
        .map((each) => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase()))
        .join(''),
  ],
  ['strip', (text, call) => strip(text, call, true, true)],
  ['lstrip', (text, call) => strip(text, call, true, false)],
  ['rstrip', (text, call) => strip(text, call, false, true)],
  ['removeprefix', (text, call) => withoutEnd(text, textOf(call.args[0], 'removeprefix'), true)],
  ['removesuffix', (text, call) => withoutEnd(text, textOf(call.args[0], 'removesuffix'), false)],
  ['split', split],
  ['rsplit', rsplit],
  [
    'splitlines',
    (text) =>
      list(
        text
          .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
          .filter((line, index, all) => line !== '' || index < all.length - 1),
      ),
  ],
  [
    'partition',
    (text, call) =>
      partition(
        text,
        textOf(call.args[0], 'partition'),
        text.indexOf(textOf(call.args[0], 'partition')),
        false,
      ),
  ],
  [
    'rpartition',
    (text, call) =>
      partition(
        text,
        textOf(call.args[0], 'rpartition'),
        text.lastIndexOf(textOf(call.args[0], 'rpartition')),
        true,
      ),
  ],
  ['join', join],
  ['replace', replace],
  ['startswith', (text, call) => affix(text, call, 'startswith')],
  ['endswith', (text, call) => affix(text, call, 'endswith')],
  ['find', (text, call) => BigInt(find(text, call, false))],
  ['rfind', (text, call) => BigInt(find(text, call, true))],
  ['index', (text, call) => found(find(text, call, false))],
  ['rindex', (text, call) => found(find(text, call, true))],
  ['count', (text, call) => BigInt(count(text, textOf(call.args[0], 'count')))],
  ['format', (text, call, budget) => formatBraces(text, call.args, call.keywords, budget)],
  ['zfill', (text, call, budget) => zeroFill(text, width(call, budget))],
  ['ljust', (text, call, budget) => text + filler(text, call, budget)],
  ['rjust', (text, call, budget) => filler(text, call, budget) + text],
  ['center', center],
  ['isdigit', (text) => /^\p{Nd}+$/u.test(text)],
  ['isnumeric', (text) => /^\p{N}+$/u.test(text)],
  ['isdecimal', (text) => /^\p{Nd}+$/u.test(text)],
  ['isalpha', (text) => /^\p{L}+$/u.test(text)],
  ['isalnum', (text) => /^[\p{L}\p{N}]+$/u.test(text)],
  ['isspace', (text) => /^[\s\u0085]+$/u.test(text)],
  ['isupper', (text) => /\p{Lu}/u.test(text) && text === text.toUpperCase()],
  ['islower', (text) => /\p{Ll}/u.test(text) && text === text.toLowerCase()],
  ['isidentifier', (text) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text)],
])

function strip(text: string, call: CallArguments, atStart: boolean, atEnd: boolean): string {
  const [given] = bind(call, 'strip', ['chars'])
  const isStripped = stripped(given === undefined || given === null ? null : textOf(given, 'strip'))
  const all = characters(text)
  let [start, end] = [0, all.length]
  while (atStart && start < end && isStripped(all[start] ?? '')) start++
  while (atEnd && end > start && isStripped(all[end - 1] ?? '')) end--
  return all.slice(start, end).join('')
}

function stripped(chars: string | null): (character: string) => boolean {
  if (chars === null) return (character) => /[\s\u0085]/u.test(character)
  const set = new Set(characters(chars))
  return (character) => set.has(character)
}

function withoutEnd(text: string, affixed: string, isPrefix: boolean): string {
  if (affixed === '') return text
  if (isPrefix) return text.startsWith(affixed) ? text.slice(affixed.length) : text
  return text.endsWith(affixed) ? text.slice(0, -affixed.length) : text
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

function split(text: string, call: CallArguments, budget: Budget): Value {
  const { separator, max } = splitArguments(call, 'split')
  budget.spendText(text.length)
  const parts =
    separator === null ? text.replace(SPACE, ' ').trim().split(' ') : text.split(separator)
  if (separator === null && text.trim() === '') return list([])
  if (parts.length - 1 <= max) return list(parts)
  if (separator !== null) return list([...parts.slice(0, max), parts.slice(max).join(separator)])
  let rest = text.trimStart()
  const head: Value[] = []
  for (let turn = 0; turn < max; turn++) {
    const [word = ''] = /^\S+/.exec(rest) ?? []
    head.push(word)
    rest = rest.slice(word.length).trimStart()
  }
  return list([...head, rest])
}

function rsplit(text: string, call: CallArguments, budget: Budget): Value {
  const { separator, max } = splitArguments(call, 'rsplit')
  budget.spendText(text.length)
  const parts = separator === null ? text.trim().split(/\s+/) : text.split(separator)
  if (separator === null && text.trim() === '') return list([])
  if (parts.length - 1 <= max) return list(parts)
  const kept = parts.length - max
  return list([parts.slice(0, kept).join(separator ?? ' '), ...parts.slice(kept)])
}

function partition(text: string, separator: string, at: number, fromEnd: boolean): Value {
  if (separator === '') throw new TemplateError('ValueError', 'empty separator')
  if (at < 0) return tuple(fromEnd ? ['', '', text] : [text, '', ''])
  return tuple([text.slice(0, at), separator, text.slice(at + separator.length)])
}

function join(text: string, call: CallArguments, budget: Budget): Value {
  const [items = null] = bind(call, 'join', ['iterable'])
  if (isKind(plain(items), 'placeholder')) return '__no_value__'
  const parts = iterate(items, budget).map((item, index) => {
    const part = plain(item)
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

function replace(text: string, call: CallArguments, budget: Budget): Value {
  const [from, to, max] = bind(call, 'replace', ['old', 'new', 'count'])
  const [old, next] = [textOf(from, 'replace'), textOf(to, 'replace')]
  const limit =
    max === undefined || indexOf(max, 'replace') < 0 ? Infinity : indexOf(max, 'replace')
  const pieces = old === '' ? ['', ...characters(text), ''] : text.split(old)
  const turns = Math.min(pieces.length - 1, limit)
  budget.spendText(text.length + turns * next.length)
  const tail = pieces.slice(turns).join(old)
  return (
    pieces
      .slice(0, turns)
      .map((piece) => piece + next)
      .join('') + tail
  )
}

function affix(text: string, call: CallArguments, fn: 'startswith' | 'endswith'): boolean {
  const [given = null, start, end] = bind(call, fn, ['prefix', 'start', 'end'])
  const part =
    start === undefined
      ? text
      : characters(text)
          .slice(indexOf(start, fn), end === undefined ? undefined : indexOf(end, fn))
          .join('')
  const value = plain(given)
  const options = isKind(value, 'tuple') ? value.items : [value]
  return options.some((option) =>
    fn === 'startswith' ? part.startsWith(textOf(option, fn)) : part.endsWith(textOf(option, fn)),
  )
}

function find(text: string, call: CallArguments, fromEnd: boolean): number {
  const [given, start, end] = bind(call, 'find', ['sub', 'start', 'end'])
  const sub = textOf(given, 'find')
  const all = characters(text)
  const from = position(start, 0, all.length)
  const part = all.slice(from, position(end, all.length, all.length)).join('')
  const at = fromEnd ? part.lastIndexOf(sub) : part.indexOf(sub)
  return at < 0 ? -1 : from + characters(part.slice(0, at)).length
}

function position(value: Value | undefined, otherwise: number, length: number): number {
  if (value === undefined || value === null) return otherwise
  const index = indexOf(value, 'find')
  return Math.max(0, index < 0 ? index + length : Math.min(index, length))
}

function found(at: number): bigint {
  if (at < 0) throw new TemplateError('ValueError', 'substring not found')
  return BigInt(at)
}

function count(text: string, sub: string): number {
  return sub === '' ? characters(text).length + 1 : text.split(sub).length - 1
}

function width(call: CallArguments, budget: Budget): number {
  const size = indexOf(call.args[0], 'width')
  budget.spendText(Math.max(0, size))
  return size
}

function filler(text: string, call: CallArguments, budget: Budget): string {
  const missing = width(call, budget) - characters(text).length
  const fill = call.args[1] === undefined ? ' ' : textOf(call.args[1], 'fillchar')
  return missing > 0 ? fill.repeat(missing) : ''
}

function center(text: string, call: CallArguments, budget: Budget): string {
  const all = characters(filler(text, call, budget))
  const left = Math.floor(all.length / 2)
  return all.slice(0, left).join('') + text + all.slice(left).join('')
}

function zeroFill(text: string, size: number): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(size - sign.length, '0')
}
