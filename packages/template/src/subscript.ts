// `object[index]`, `object[start:stop:step]` and assignment to an item.
import { indexOf } from './arguments.ts'
import type { Budget } from './budget.ts'
import { characters, length, pyRepr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import {
  hashKey,
  isKind,
  list,
  plain,
  PLACEHOLDER,
  put,
  tuple,
  typeName,
  type Value,
} from './values.ts'

/** The item of a str, list, tuple or dictionary. @throws IndexError | KeyError | TypeError. */
export function itemAt(object: Value, index: Value, budget: Budget): Value {
  if (isKind(object, 'placeholder')) return PLACEHOLDER
  if (isKind(object, 'dict')) {
    const found = object.entries.get(hashKey(index, budget))
    if (found === undefined) throw new TemplateError('KeyError', pyRepr(index, budget))
    return found[1]
  }
  const items = sequence(object, budget)
  const given = position(index, typeName(object))
  const at = given < 0 ? given + items.length : given
  if (at < 0 || at >= items.length) throw outOfRange(object)
  return items.item(at)
}

interface Sequence {
  readonly length: number
  readonly item: (at: number) => Value
}

/** What can be indexed; a str without surrogates needs no array. */
function sequence(object: Value, budget: Budget): Sequence {
  if (typeof object === 'string') {
    budget.spendText(object.length)
    if (length(object) === object.length)
      return { length: object.length, item: (at) => object.charAt(at) }
    return sequenceOf(characters(object))
  }
  if (isKind(object, 'list') || isKind(object, 'tuple')) return sequenceOf(object.items)
  throw new TemplateError('TypeError', `'${typeName(object)}' object is not subscriptable`)
}

function sequenceOf(items: readonly Value[]): Sequence {
  return { length: items.length, item: (at) => items[at] ?? null }
}

function position(index: Value, what: string): number {
  const value = plain(index)
  if (isKind(value, 'placeholder')) return 0
  if (typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new TemplateError('TypeError', `${what} indices must be integers, not ${typeName(value)}`)
  return indexOf(value, what)
}

function outOfRange(object: Value): TemplateError {
  const what = typeof object === 'string' ? 'string' : typeName(object)
  const hint =
    what === 'string'
      ? '. Check that the parameter has enough characters, or that it is a list: wrap it in Array() or split it'
      : ''
  return new TemplateError('IndexError', `${what} index out of range${hint}`)
}

/** `object[index] = value`. @throws IndexError | TypeError. */
export function setItem(object: Value, index: Value, value: Value, budget: Budget): void {
  if (isKind(object, 'dict')) {
    put(object, index, value, budget)
    return
  }
  if (!isKind(object, 'list'))
    throw new TemplateError(
      'TypeError',
      `'${typeName(object)}' object does not support item assignment`,
    )
  const at = position(index, 'list')
  const place = at < 0 ? at + object.items.length : at
  if (place < 0 || place >= object.items.length)
    throw new TemplateError('IndexError', 'list assignment index out of range')
  object.items[place] = value
}

interface Bounds {
  readonly start: Value
  readonly stop: Value
  readonly step: Value
}

/** A part of a str, list or tuple. @throws ValueError for a step of zero | TypeError. */
export function sliceOf(object: Value, bounds: Bounds, budget: Budget): Value {
  if (isKind(object, 'placeholder')) return PLACEHOLDER
  const items = sequence(object, budget)
  const bound = (given: Value): number | null => {
    const value = plain(given)
    return value === null || isKind(value, 'placeholder') ? null : position(value, 'slice')
  }
  const step = bound(bounds.step) ?? 1
  const indices = sliced(items.length, bound(bounds.start), bound(bounds.stop), step)
  budget.spend(indices.length / 8)
  const part = indices.map((at) => items.item(at))
  if (typeof object === 'string')
    return part.map((each) => (typeof each === 'string' ? each : '')).join('')
  return isKind(object, 'tuple') ? tuple(part) : list(part)
}

/** The places a slice takes. */
function sliced(size: number, start: number | null, stop: number | null, step: number): number[] {
  if (step === 0) throw new TemplateError('ValueError', 'slice step cannot be zero')
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1]
  const clamp = (at: number | null, otherwise: number): number =>
    at === null ? otherwise : Math.min(Math.max(at < 0 ? at + size : at, low), high)
  const [from, to] = [clamp(start, step > 0 ? low : high), clamp(stop, step > 0 ? high : low)]
  const indices: number[] = []
  for (let at = from; step > 0 ? at < to : at > to; at += step) indices.push(at)
  return indices
}
