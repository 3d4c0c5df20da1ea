// Methods of list, tuple and dict; those of set are in set-methods.ts. Closed tables, as for str.
import { bind, indexOf, positional, type CallArguments } from './arguments.ts'
import type { Runtime } from './interpreter.ts'
import { iterate, pairs } from './iterate.ts'
import { pyRepr } from './py-text.ts'
import { setMethod } from './set-methods.ts'
import { sortValues } from './sort-values.ts'
import { TemplateError } from './template-error.ts'
import {
  dict,
  hashKey,
  isEqual,
  isKind,
  list,
  plain,
  put,
  tuple,
  type PyDict,
  type PyList,
  type PySet,
  type PyTuple,
  type Value,
} from './values.ts'

type Method<Receiver> = (receiver: Receiver, call: CallArguments, runtime: Runtime) => Value

/** Finds a method of a list, tuple, dict or set, bound to it. */
export function collectionMethod(
  receiver: PyList | PyTuple | PyDict | PySet,
  name: string,
): ((call: CallArguments, runtime: Runtime) => Value) | undefined {
  switch (receiver.kind) {
    case 'list':
      return bound(LIST.get(name) ?? SEQUENCE.get(name), receiver)
    case 'tuple':
      return bound(SEQUENCE.get(name), receiver)
    case 'dict':
      return bound(DICT.get(name), receiver)
    case 'set':
      return bound(setMethod(name), receiver)
  }
}

function bound<Receiver>(
  method: Method<Receiver> | undefined,
  receiver: Receiver,
): ((call: CallArguments, runtime: Runtime) => Value) | undefined {
  return method === undefined ? undefined : (call, runtime) => method(receiver, call, runtime)
}

const SEQUENCE: ReadonlyMap<string, Method<PyList | PyTuple>> = new Map<
  string,
  Method<PyList | PyTuple>
>([
  [
    'count',
    ({ items }, call, { budget }) => {
      const [value = null] = positional(call, 'count', 1, 1)
      return BigInt(items.filter((item) => isEqual(item, value, budget)).length)
    },
  ],
  ['index', indexIn],
])

function indexIn(
  { kind, items }: PyList | PyTuple,
  call: CallArguments,
  { budget }: Runtime,
): bigint {
  const [value = null, from, to] = positional(call, 'index', 1, 3)
  const place = (given: Value | undefined, otherwise: number): number => {
    if (given === undefined) return otherwise
    const index = indexOf(given, 'index')
    return index < 0 ? Math.max(0, index + items.length) : index
  }
  const end = Math.min(place(to, items.length), items.length)
  for (let at = place(from, 0); at < end; at++)
    if (isEqual(items[at] ?? null, value, budget)) return BigInt(at)
  throw new TemplateError('ValueError', `${pyRepr(value, budget)} is not in ${kind}`)
}

const LIST: ReadonlyMap<string, Method<PyList>> = new Map<string, Method<PyList>>([
  [
    'append',
    ({ items }, call) => {
      items.push(positional(call, 'append', 1, 1)[0] ?? null)
      return null
    },
  ],
  [
    'extend',
    ({ items }, call, { budget }) => {
      // A copy, for a list that is extended by itself.
      for (const item of [...iterate(positional(call, 'extend', 1, 1)[0] ?? null, budget)])
        items.push(item)
      return null
    },
  ],
  [
    'insert',
    ({ items }, call, { budget }) => {
      const [at, value = null] = positional(call, 'insert', 2, 2)
      budget.spend(1 + items.length / 64)
      items.splice(indexOf(at, 'insert'), 0, value)
      return null
    },
  ],
  ['pop', popItem],
  [
    'remove',
    ({ items }, call, { budget }) => {
      const [value = null] = positional(call, 'remove', 1, 1)
      const at = items.findIndex((item) => isEqual(item, value, budget))
      if (at < 0) throw new TemplateError('ValueError', 'list.remove(x): x not in list')
      budget.spend(items.length / 64)
      items.splice(at, 1)
      return null
    },
  ],
  [
    'reverse',
    (receiver, call, { budget }) => {
      positional(call, 'reverse', 0, 0)
      budget.spend(receiver.items.length / 64)
      receiver.items.reverse()
      return null
    },
  ],
  [
    'clear',
    ({ items }, call) => {
      positional(call, 'clear', 0, 0)
      items.length = 0
      return null
    },
  ],
  [
    'copy',
    ({ items }, call, { budget }) => {
      positional(call, 'copy', 0, 0)
      budget.spend(items.length)
      return list([...items])
    },
  ],
  [
    'sort',
    ({ items }, call, runtime) => {
      const sorted = sortValues(items, { args: [], keywords: call.keywords }, runtime)
      positional({ args: call.args, keywords: new Map() }, 'sort', 0, 0)
      items.splice(0, items.length)
      for (const item of sorted) items.push(item)
      return null
    },
  ],
])

function popItem({ items }: PyList, call: CallArguments, { budget }: Runtime): Value {
  const [given] = positional(call, 'pop', 0, 1)
  const index = given === undefined ? -1 : indexOf(given, 'pop')
  const at = index < 0 ? items.length + index : index
  if (items.length === 0 || at < 0 || at >= items.length)
    throw new TemplateError(
      'IndexError',
      items.length === 0 ? 'pop from empty list' : 'pop index out of range',
    )
  budget.spend(1 + (items.length - at) / 64)
  return items.splice(at, 1)[0] ?? null
}

const DICT: ReadonlyMap<string, Method<PyDict>> = new Map<string, Method<PyDict>>([
  [
    'get',
    ({ entries }, call, { budget }) => {
      const [key, otherwise = null] = bind(call, 'get', ['key', 'default'])
      const [given = null] = key === undefined ? positional(call, 'get', 1, 2) : [key]
      const found = entries.get(hashKey(given, budget))
      return found === undefined ? otherwise : found[1]
    },
  ],
  [
    'keys',
    (receiver, call, { budget }) => list(all(receiver, call, 'keys', budget, ([key]) => key)),
  ],
  [
    'values',
    (receiver, call, { budget }) =>
      list(all(receiver, call, 'values', budget, ([, value]) => value)),
  ],
  [
    'items',
    (receiver, call, { budget }) =>
      list(pairs(all(receiver, call, 'items', budget, (entry) => entry))),
  ],
  [
    'copy',
    (receiver, call, { budget }) =>
      dict(
        all(receiver, call, 'copy', budget, (each) => each),
        budget,
      ),
  ],
  [
    'clear',
    ({ entries }, call) => {
      positional(call, 'clear', 0, 0)
      entries.clear()
      return null
    },
  ],
  [
    'pop',
    ({ entries }, call, { budget }) => {
      const [key = null, otherwise] = positional(call, 'pop', 1, 2)
      const hash = hashKey(key, budget)
      const value = entries.get(hash)?.[1] ?? (entries.has(hash) ? null : otherwise)
      if (value === undefined) throw new TemplateError('KeyError', pyRepr(key, budget))
      entries.delete(hash)
      return value
    },
  ],
  [
    'popitem',
    ({ entries }, call, { budget }) => {
      positional(call, 'popitem', 0, 0)
      budget.spend(1 + entries.size / 8)
      const [hash, pair] = [...entries].at(-1) ?? []
      if (hash === undefined || pair === undefined)
        throw new TemplateError('KeyError', "'popitem(): dictionary is empty'")
      entries.delete(hash)
      return tuple(pair)
    },
  ],
  [
    'setdefault',
    (receiver, call, { budget }) => {
      const [key = null, otherwise = null] = positional(call, 'setdefault', 1, 2)
      const found = receiver.entries.get(hashKey(key, budget))
      if (found !== undefined) return found[1]
      put(receiver, key, otherwise, budget)
      return otherwise
    },
  ],
  [
    'update',
    (receiver, call, { budget }) => {
      const [given] = positional({ args: call.args, keywords: new Map() }, 'update', 0, 1)
      for (const [key, value] of [...(given === undefined ? [] : pairsOf(given, budget))])
        put(receiver, key, value, budget)
      for (const [name, value] of call.keywords) put(receiver, name, value, budget)
      return null
    },
  ],
])

type Entry = readonly [Value, Value]

function all<Item>(
  { entries }: PyDict,
  call: CallArguments,
  fn: string,
  budget: Runtime['budget'],
  pick: (entry: Entry) => Item,
): Item[] {
  positional(call, fn, 0, 0)
  budget.spend(entries.size)
  return Array.from(entries.values(), pick)
}

/** The pairs of a dictionary, or of a list of pairs. @throws TypeError | ValueError as dict() does. */
export function pairsOf(given: Value, budget: Runtime['budget']): readonly Entry[] {
  const value = plain(given)
  if (isKind(value, 'dict')) {
    budget.spend(value.entries.size)
    return [...value.entries.values()]
  }
  return iterate(value, budget).map((pair, index) => {
    const [key, item, ...rest] = pairItems(pair, index, budget)
    if (key === undefined || item === undefined || rest.length > 0)
      throw new TemplateError(
        'ValueError',
        `dictionary update sequence element #${String(index)} has a wrong length; 2 is required`,
      )
    return [key, item]
  })
}

function pairItems(pair: Value, index: number, budget: Runtime['budget']): readonly Value[] {
  try {
    return iterate(pair, budget)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new TemplateError(
      'TypeError',
      `cannot convert dictionary update sequence element #${String(index)} to a sequence`,
    )
  }
}
