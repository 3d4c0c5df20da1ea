// Finding, counting and replacing within str. Places are counted by characters.
import { bind, indexOf, textOf, type CallArguments } from './arguments.ts'
import type { Budget } from './budget.ts'
import { characters, cut, length } from './py-text.ts'
import { isKind, plain, type Value } from './values.ts'

/** A part of a str that a search is limited to; null when it lies beyond the end or ends before it starts. */
interface Part {
  readonly text: string
  readonly start: number
}

function part(
  text: string,
  from: Value | undefined,
  to: Value | undefined,
  fn: string,
): Part | null {
  if (from === undefined && to === undefined) return { text, start: 0 }
  const size = length(text)
  const end = Math.min(place(to, size, size, fn), size)
  const start = place(from, 0, size, fn)
  return start > end ? null : { text: cut(text, start, end), start }
}

function place(value: Value | undefined, otherwise: number, size: number, fn: string): number {
  if (value === undefined || value === null) return otherwise
  const index = indexOf(value, fn)
  return index < 0 ? Math.max(0, index + size) : index
}

/** Where a str first (or last, for the r-methods) holds another; -1 for nowhere. */
export function find(text: string, call: CallArguments, fn: string): number {
  const [given, from, to] = bind(call, fn, ['sub', 'start', 'end'])
  const sub = textOf(given, fn)
  const found = part(text, from, to, fn)
  if (found === null) return -1
  const at = fn.startsWith('r') ? found.text.lastIndexOf(sub) : found.text.indexOf(sub)
  return at < 0 ? -1 : found.start + length(found.text.slice(0, at))
}

/** How often a str holds another, without overlaps. */
export function count(text: string, call: CallArguments): number {
  const [given, from, to] = bind(call, 'count', ['sub', 'start', 'end'])
  const sub = textOf(given, 'count')
  const found = part(text, from, to, 'count')
  if (found === null) return 0
  return sub === '' ? length(found.text) + 1 : found.text.split(sub).length - 1
}

/** Python's str.startswith() and str.endswith(), with a tuple of choices too. */
export function affix(text: string, call: CallArguments, fn: 'startswith' | 'endswith'): boolean {
  const [given, from, to] = bind(call, fn, ['prefix', 'start', 'end'])
  const value = given === undefined ? given : plain(given)
  const isChoice = value !== undefined && isKind(value, 'tuple')
  const options = (isChoice ? value.items : [value]).map((option) => textOf(option, fn))
  const found = part(text, from, to, fn)
  if (found === null) return false
  return options.some((option) =>
    fn === 'startswith' ? found.text.startsWith(option) : found.text.endsWith(option),
  )
}

/** Python's str.replace(). */
export function replace(text: string, call: CallArguments, budget: Budget): string {
  const [from, to, max] = bind(call, 'replace', ['old', 'new', 'count'])
  const [old, next] = [textOf(from, 'replace'), textOf(to, 'replace')]
  const limit = max === undefined ? -1 : indexOf(max, 'replace')
  const pieces = old === '' ? ['', ...characters(text), ''] : text.split(old)
  const turns = limit < 0 ? pieces.length - 1 : Math.min(pieces.length - 1, limit)
  budget.spendText(text.length + turns * next.length)
  budget.spend(pieces.length / 8)
  const head = pieces.slice(0, turns).map((piece) => piece + next)
  return head.join('') + pieces.slice(turns).join(old)
}
