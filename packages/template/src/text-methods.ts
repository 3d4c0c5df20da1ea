// Methods of str. A closed table: a name that is not here does not exist.
import { bind, indexOf, textOf, type CallArguments } from './arguments.ts'
import type { Budget } from './budget.ts'
import { formatBraces } from './format-braces.ts'
import { oneCharacter } from './format-spec.ts'
import { iterate } from './iterate.ts'
import { characters, isPrintable, isWhite, length } from './py-text.ts'
import { join, partition, rsplit, split, splitLines } from './split-text.ts'
import { affix, count, find, replace } from './search-text.ts'
import { TemplateError } from './template-error.ts'
import {
  capitalize,
  casefold,
  isDigits,
  isIdentifier,
  isLower,
  isNumeric,
  isTitle,
  isUpper,
  isAlphanumeric,
  swapCase,
  titleCase,
} from './text-case.ts'
import { isKind, plain, typeName, type Value } from './values.ts'

type TextMethod = (text: string, call: CallArguments, budget: Budget) => Value

/** Finds a method of str; undefined when Python has it not or we do not. */
export function textMethod(name: string): TextMethod | undefined {
  return METHODS.get(name)
}

/** A method without arguments. */
function simple(name: string, method: (text: string) => Value): [string, TextMethod] {
  return [
    name,
    (text, call) => {
      bind(call, name, [])
      return method(text)
    },
  ]
}

/** Characters handled one by one that cost a step. */
const LETTERS_PER_STEP = 8

/** A method without arguments that looks at each character by itself. */
function byLetter(name: string, method: (text: string) => Value): [string, TextMethod] {
  const [, plainMethod] = simple(name, method)
  return [
    name,
    (text, call, budget) => {
      budget.spend(text.length / LETTERS_PER_STEP)
      return plainMethod(text, call, budget)
    },
  ]
}

const METHODS: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  simple('upper', (text) => text.toUpperCase()),
  simple('lower', (text) => text.toLowerCase()),
  byLetter('casefold', casefold),
  byLetter('capitalize', capitalize),
  byLetter('title', titleCase),
  byLetter('swapcase', swapCase),
  ['strip', (text, call) => strip(text, call, 'strip', true, true)],
  ['lstrip', (text, call) => strip(text, call, 'lstrip', true, false)],
  ['rstrip', (text, call) => strip(text, call, 'rstrip', false, true)],
  ['removeprefix', (text, call) => withoutEnd(text, call, 'removeprefix')],
  ['removesuffix', (text, call) => withoutEnd(text, call, 'removesuffix')],
  ['split', split],
  ['rsplit', rsplit],
  ['splitlines', splitLines],
  ['partition', (text, call) => partition(text, call, 'partition')],
  ['rpartition', (text, call) => partition(text, call, 'rpartition')],
  ['join', join],
  ['replace', replace],
  ['startswith', (text, call) => affix(text, call, 'startswith')],
  ['endswith', (text, call) => affix(text, call, 'endswith')],
  ['find', (text, call) => BigInt(find(text, call, 'find'))],
  ['rfind', (text, call) => BigInt(find(text, call, 'rfind'))],
  ['index', (text, call) => found(find(text, call, 'index'))],
  ['rindex', (text, call) => found(find(text, call, 'rindex'))],
  ['count', (text, call) => BigInt(count(text, call))],
  ['format', (text, call, budget) => formatBraces(text, call.args, call.keywords, budget)],
  ['format_map', formatMap],
  ['zfill', zeroFill],
  ['ljust', (text, call, budget) => text + filler(text, call, 'ljust', budget)],
  ['rjust', (text, call, budget) => filler(text, call, 'rjust', budget) + text],
  ['center', center],
  ['expandtabs', expandTabs],
  simple('isdigit', isDigits),
  simple('isnumeric', isNumeric),
  simple('isdecimal', (text) => /^\p{Nd}+$/u.test(text)),
  simple('isalpha', (text) => /^\p{L}+$/u.test(text)),
  simple('isalnum', isAlphanumeric),
  byLetter('isspace', (text) => text !== '' && characters(text).every(isWhite)),
  simple('isupper', isUpper),
  simple('islower', isLower),
  byLetter('istitle', isTitle),
  simple('isascii', (text) => /^[\0-\x7f]*$/.test(text)),
  simple('isprintable', isPrintable),
  simple('isidentifier', isIdentifier),
])

function strip(
  text: string,
  call: CallArguments,
  fn: string,
  atStart: boolean,
  atEnd: boolean,
): string {
  const [given] = bind(call, fn, ['chars'])
  const isStripped = stripped(given === undefined || given === null ? null : textOf(given, fn))
  const all = characters(text)
  let [start, end] = [0, all.length]
  while (atStart && start < end && isStripped(all[start] ?? '')) start++
  while (atEnd && end > start && isStripped(all[end - 1] ?? '')) end--
  return all.slice(start, end).join('')
}

function stripped(chars: string | null): (character: string) => boolean {
  if (chars === null) return isWhite
  const set = new Set(characters(chars))
  return (character) => set.has(character)
}

function withoutEnd(
  text: string,
  call: CallArguments,
  fn: 'removeprefix' | 'removesuffix',
): string {
  const [given] = bind(call, fn, ['affix'])
  const affixed = textOf(given, fn)
  if (affixed === '') return text
  if (fn === 'removeprefix') return text.startsWith(affixed) ? text.slice(affixed.length) : text
  return text.endsWith(affixed) ? text.slice(0, -affixed.length) : text
}

function found(at: number): bigint {
  if (at < 0) throw new TemplateError('ValueError', 'substring not found')
  return BigInt(at)
}

function formatMap(text: string, call: CallArguments, budget: Budget): string {
  const [given] = bind(call, 'format_map', ['mapping'])
  const mapping = given === undefined ? null : plain(given)
  if (!isKind(mapping, 'dict'))
    throw new TemplateError(
      'TypeError',
      `format_map() argument must be a mapping, not ${typeName(mapping)}`,
    )
  const named = [...mapping.entries.values()].flatMap(([key, value]) =>
    typeof key === 'string' ? [[key, value] as const] : [],
  )
  budget.spend(named.length)
  return formatBraces(text, [], new Map(named), budget)
}

function width(call: CallArguments, fn: string, budget: Budget): number {
  const size = indexOf(call.args[0], fn)
  budget.spendText(Math.max(0, size))
  return size
}

function filler(text: string, call: CallArguments, fn: string, budget: Budget): string {
  const [, given] = bind(call, fn, ['width', 'fillchar'])
  const missing = width(call, fn, budget) - length(text)
  const fill = given === undefined ? ' ' : oneCharacter(textOf(given, fn))
  if (fill === null)
    throw new TemplateError('TypeError', 'The fill character must be exactly one character long')
  return missing > 0 ? fill.repeat(missing) : ''
}

function center(text: string, call: CallArguments, budget: Budget): string {
  const all = characters(filler(text, call, 'center', budget))
  // An odd character goes to the left when the width is odd.
  const left = Math.floor(all.length / 2) + (all.length & width(call, 'center', budget) & 1)
  return all.slice(0, left).join('') + text + all.slice(left).join('')
}

function zeroFill(text: string, call: CallArguments, budget: Budget): string {
  bind(call, 'zfill', ['width'])
  const missing = Math.max(0, width(call, 'zfill', budget) - length(text))
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

const TAB_SIZE_MAX = 1000

function expandTabs(text: string, call: CallArguments, budget: Budget): string {
  const [given] = bind(call, 'expandtabs', ['tabsize'])
  const size = given === undefined ? 8 : Math.max(0, indexOf(given, 'expandtabs'))
  if (size > TAB_SIZE_MAX)
    throw new TemplateError('OverflowError', 'expandtabs() takes a size up to 1000')
  const parts: string[] = []
  let column = 0
  for (const character of iterate(text, budget) as readonly string[]) {
    if (character === '\t') {
      const spaces = size === 0 ? 0 : size - (column % size)
      budget.spendText(spaces)
      parts.push(' '.repeat(spaces))
      column += spaces
    } else {
      parts.push(character)
      column = character === '\n' || character === '\r' ? 0 : column + 1
    }
  }
  return parts.join('')
}
