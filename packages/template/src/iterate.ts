import type { Budget } from './budget.ts'
import { characters } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { plain, tuple, typeName, type Value } from './values.ts'

/** Turns a loop over a placeholder makes in test mode. */
const PLACEHOLDER_TURNS = 3

/** The items `for` would see, paid for with one step each. @throws TypeError for what cannot be iterated. */
export function iterate(given: Value, budget: Budget): readonly Value[] {
  const items = itemsOf(plain(given))
  budget.spend(items.length)
  return items
}

function itemsOf(value: Value): readonly Value[] {
  if (typeof value === 'string') return characters(value)
  if (value === null || typeof value !== 'object') throw notIterable(value)
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items
    case 'set':
      return [...value.members.values()]
    case 'dict':
      return Array.from(value.entries.values(), ([key]) => key)
    case 'placeholder':
      return Array.from({ length: PLACEHOLDER_TURNS }, () => value)
    case 'exception':
    case 'function':
    case 'typed':
      throw notIterable(value)
  }
}

function notIterable(value: Value): TemplateError {
  return new TemplateError('TypeError', `'${typeName(value)}' object is not iterable`)
}

/** The pairs of a dictionary as tuples. */
export function pairs(entries: Iterable<readonly [Value, Value]>): Value[] {
  return Array.from(entries, ([key, value]) => tuple([key, value]))
}
