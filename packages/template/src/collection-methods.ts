// Methods of list, tuple, dict and set. Closed tables, as for str.
import { bind, indexOf, type CallArguments } from './arguments.ts'
import type { Budget } from './budget.ts'
import { iterate, pairs } from './iterate.ts'
import { order } from './operators.ts'
import { pyRepr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import {
  dict,
  hashKey,
  isEqual,
  list,
  plain,
  set,
  truthy,
  tuple,
  type PyDict,
  type PyList,
  type PySet,
  type PyTuple,
  type Value,
} from './values.ts'

type Method<Receiver> = (receiver: Receiver, call: CallArguments, budget: Budget) => Value

/** Finds a method of a list, tuple, dict or set, bound to it. */
export function collectionMethod(
  receiver: PyList | PyTuple | PyDict | PySet,
  name: string,
): ((call: CallArguments, budget: Budget) => Value) | undefined {
  switch (receiver.kind) {
    case 'list':
      return bound(LIST.get(name) ?? SEQUENCE.get(name), receiver)
    case 'tuple':
      return bound(SEQUENCE.get(name), receiver)
    case 'dict':
      return bound(DICT.get(name), receiver)
    case 'set':
      return bound(SET.get(name), receiver)
  }
}

function bound<Receiver>(
  method: Method<Receiver> | undefined,
  receiver: Receiver,
): ((call: CallArguments, budget: Budget) => Value) | undefined {
  return method === undefined ? undefined : (call, budget) => method(receiver, call, budget)
}

const SEQUENCE: ReadonlyMap<string, Method<PyList | PyTuple>> = new Map<
  string,
  Method<PyList | PyTuple>
>([
  [
    'count',
    ({ items }, { args }) => BigInt(items.filter((item) => isEqual(item, args[0] ?? null)).length),
  ],
  [
    'index',
    ({ items }, { args }) => {
      const at = items.findIndex((item) => isEqual(item, args[0] ?? null))
      if (at < 0) throw new TemplateError('ValueError', `${pyRepr(args[0] ?? null)} is not in list`)
      return BigInt(at)
    },
  ],
])

const LIST: ReadonlyMap<string, Method<PyList>> = new Map<string, Method<PyList>>([
  ['append', ({ items }, call, budget) => add(items, [required(call, 'append')], budget)],
  [
    'extend',
    ({ items }, call, budget) => add(items, iterate(required(call, 'extend'), budget), budget),
  ],
  [
    'insert',
    ({ items }, call, budget) => {
      const [at, value = null] = bind(call, 'insert', ['index', 'object'])
      budget.spend(1 + items.length / 64)
      items.splice(indexOf(at, 'insert'), 0, value)
      return null
    },
  ],
  [
    'pop',
    ({ items }, call, budget) => {
      const index = call.args[0] === undefined ? -1 : indexOf(call.args[0], 'pop')
      const at = index < 0 ? items.length + index : index
      if (items.length === 0 || at < 0 || at >= items.length)
        throw new TemplateError(
          'IndexError',
          items.length === 0 ? 'pop from empty list' : 'pop index out of range',
        )
      budget.spend(1 + items.length / 64)
      return items.splice(at, 1)[0] ?? null
    },
  ],
  [
    'remove',
    ({ items }, call) => {
      const value = required(call, 'remove')
      const at = items.findIndex((item) => isEqual(item, value))
      if (at < 0) throw new TemplateError('ValueError', 'list.remove(x): x not in list')
      items.splice(at, 1)
      return null
    },
  ],
  ['reverse', ({ items }) => nothing(items.reverse())],
  ['clear', ({ items }) => nothing(items.splice(0))],
  ['copy', ({ items }, _call, budget) => list([...paid(items, budget)])],
  [
    'sort',
    ({ items }, { keywords }, budget) => {
      const sorted = sortValues(
        paid(items, budget),
        truthy(keywords.get('reverse') ?? false),
        budget,
      )
      items.splice(0, items.length, ...sorted)
      return null
    },
  ],
])

const DICT: ReadonlyMap<string, Method<PyDict>> = new Map<string, Method<PyDict>>([
  [
    'get',
    ({ entries }, call) =>
      entries.get(hashKey(required(call, 'get')))?.[1] ??
      call.args[1] ??
      call.keywords.get('default') ??
      null,
  ],
  [
    'keys',
    ({ entries }, _call, budget) =>
      list(Array.from(paid([...entries.values()], budget), ([key]) => key)),
  ],
  [
    'values',
    ({ entries }, _call, budget) =>
      list(Array.from(paid([...entries.values()], budget), ([, value]) => value)),
  ],
  ['items', ({ entries }, _call, budget) => list(pairs(paid([...entries.values()], budget)))],
  ['copy', ({ entries }, _call, budget) => dict(paid([...entries.values()], budget))],
  [
    'clear',
    ({ entries }) => {
      entries.clear()
      return null
    },
  ],
  [
    'pop',
    ({ entries }, call) => {
      const key = hashKey(required(call, 'pop'))
      const value = entries.get(key)?.[1] ?? call.args[1]
      if (value === undefined) throw new TemplateError('KeyError', pyRepr(call.args[0] ?? null))
      entries.delete(key)
      return value
    },
  ],
  [
    'setdefault',
    ({ entries }, call) => {
      const key = required(call, 'setdefault')
      const found = entries.get(hashKey(key))
      if (found !== undefined) return found[1]
      entries.set(hashKey(key), [key, call.args[1] ?? null])
      return call.args[1] ?? null
    },
  ],
  [
    'update',
    ({ entries }, call, budget) => {
      const given = plain(call.args[0] ?? null)
      const source =
        given !== null && typeof given === 'object' && given.kind === 'dict'
          ? [...given.entries.values()]
          : call.args.length === 0
            ? []
            : iterate(given, budget).map((pair) => pairOf(pair, budget))
      for (const [key, value] of paid(source, budget)) entries.set(hashKey(key), [key, value])
      for (const [name, value] of call.keywords) entries.set(hashKey(name), [name, value])
      return null
    },
  ],
])

const SET: ReadonlyMap<string, Method<PySet>> = new Map<string, Method<PySet>>([
  [
    'add',
    ({ members }, call) =>
      nothing(members.set(hashKey(required(call, 'add')), required(call, 'add'))),
  ],
  ['discard', ({ members }, call) => nothing(members.delete(hashKey(required(call, 'discard'))))],
  [
    'union',
    ({ members }, call, budget) =>
      set([...members.values(), ...iterate(required(call, 'union'), budget)]),
  ],
  [
    'intersection',
    ({ members }, call, budget) =>
      set(
        iterate(required(call, 'intersection'), budget).filter((item) =>
          members.has(hashKey(item)),
        ),
      ),
  ],
  [
    'difference',
    ({ members }, call, budget) => {
      const other = set(iterate(required(call, 'difference'), budget))
      return set([...members].filter(([key]) => !other.members.has(key)).map(([, value]) => value))
    },
  ],
])

/** Sorts a copy, stable. @throws TypeError for values without an order. */
export function sortValues(items: readonly Value[], isReversed: boolean, budget: Budget): Value[] {
  const turns = items.length * Math.ceil(Math.log2(items.length + 1))
  budget.spend(turns)
  const sorted = items.toSorted((one, other) =>
    isReversed ? order(other, one) : order(one, other),
  )
  return sorted
}

/** A pair out of a two-item sequence. @throws ValueError. */
export function pairOf(value: Value, budget: Budget): readonly [Value, Value] {
  const [key, item, ...rest] = iterate(value, budget)
  if (key === undefined || item === undefined || rest.length > 0)
    throw new TemplateError(
      'ValueError',
      'dictionary update sequence element has a wrong length; 2 is required',
    )
  return [key, item]
}

/** A tuple of two, for enumerate and the like. */
export function couple(one: Value, other: Value): PyTuple {
  return tuple([one, other])
}

function required(call: CallArguments, fn: string): Value {
  const [value] = call.args
  if (value === undefined)
    throw new TemplateError('TypeError', `${fn}() takes at least 1 argument (0 given)`)
  return value
}

function add(items: Value[], more: readonly Value[], budget: Budget): null {
  budget.spend(more.length)
  for (const item of [...more]) items.push(item)
  return null
}

function paid<Item>(items: Item[], budget: Budget): Item[] {
  budget.spend(items.length)
  return items
}

function nothing(_result: unknown): null {
  return null
}
