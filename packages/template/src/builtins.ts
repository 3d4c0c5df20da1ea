// Python's builtins that templates may call. What is not in this table does not exist: open, eval, getattr, type and the rest
// are undefined names. A parameter may carry such a name.
import { bind, indexOf, positional, textOf, type CallArguments } from './arguments.ts'
import { pairsOf } from './collection-methods.ts'
import { order } from './compare.ts'
import type { Runtime } from './interpreter.ts'
import { iterate } from './iterate.ts'
import { absolute, roundNumber, toFloat, toInt } from './number-builtins.ts'
import { binary } from './operators.ts'
import { characters, length as textLength, pyRepr, pyStr } from './py-text.ts'
import { sortValues } from './sort-values.ts'
import { TemplateError } from './template-error.ts'
import {
  dict,
  isKind,
  list,
  plain,
  put,
  set,
  truthy,
  tuple,
  typeName,
  type Value,
} from './values.ts'

type Builtin = (call: CallArguments, runtime: Runtime) => Value

/** Finds a builtin by name. */
export function builtin(name: string): Builtin | undefined {
  return BUILTINS.get(name)
}

/** A builtin of one argument; without it, `empty` is the result where Python allows that. */
function unary(
  name: string,
  fn: (value: Value, runtime: Runtime) => Value,
  empty?: () => Value,
): [string, Builtin] {
  return [
    name,
    (call, runtime) => {
      const [value] = positional(call, name, empty === undefined ? 1 : 0, 1)
      return value === undefined ? (empty?.() ?? null) : fn(value, runtime)
    },
  ]
}

const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  unary('len', (value, runtime) => BigInt(length(value, runtime))),
  unary(
    'str',
    (value, { budget }) => pyStr(value, budget),
    () => '',
  ),
  unary('repr', (value, { budget }) => pyRepr(value, budget)),
  ['int', toInt],
  ['float', toFloat],
  unary(
    'list',
    (value, { budget }) => list([...iterate(value, budget)]),
    () => list([]),
  ),
  unary(
    'tuple',
    (value, { budget }) => tuple([...iterate(value, budget)]),
    () => tuple([]),
  ),
  [
    'set',
    (call, { budget }) => {
      const [items] = positional(call, 'set', 0, 1)
      return set(items === undefined ? [] : iterate(items, budget), budget)
    },
  ],
  ['dict', toDict],
  ['range', range],
  ['enumerate', enumerate],
  [
    'zip',
    (call, { budget }) => {
      const columns = positional(call, 'zip', 0, Infinity).map((each) => iterate(each, budget))
      const rows = rowsOf(columns)
      budget.spend(rows.length * columns.length)
      return list(rows.map((row) => tuple(row)))
    },
  ],
  ['map', mapped],
  ['filter', filtered],
  unary('reversed', (value, { budget }) => list(iterate(value, budget).toReversed())),
  [
    'sorted',
    ({ args, keywords }, runtime) => {
      const [items = null] = positional({ args, keywords: new Map() }, 'sorted', 1, 1)
      return list(sortValues(iterate(items, runtime.budget), { args: [], keywords }, runtime))
    },
  ],
  ['sum', sum],
  ['min', (call, runtime) => extreme(call, runtime, 'min')],
  ['max', (call, runtime) => extreme(call, runtime, 'max')],
  unary('any', (value, { budget }) => iterate(value, budget).some(truthy)),
  unary('all', (value, { budget }) => iterate(value, budget).every(truthy)),
  unary('abs', absolute),
  ['round', roundNumber],
  [
    'divmod',
    (call, { budget }) => {
      const [left = null, right = null] = positional(call, 'divmod', 2, 2)
      return tuple([binary('//', left, right, budget), binary('%', left, right, budget)])
    },
  ],
  unary('chr', (value) => String.fromCodePoint(codePoint(value))),
  unary('ord', (value) => BigInt(ordinal(textOf(value, 'ord')))),
  [
    'isinstance',
    (call) => {
      const [value = null, type = null] = positional(call, 'isinstance', 2, 2)
      return isInstance(value, type)
    },
  ],
])

function length(given: Value, { budget }: Runtime): number {
  const value = plain(given)
  if (typeof value === 'string') {
    budget.spendText(value.length)
    return textLength(value)
  }
  if (isKind(value, 'list') || isKind(value, 'tuple')) return value.items.length
  if (isKind(value, 'dict')) return value.entries.size
  if (isKind(value, 'set')) return value.members.size
  if (isKind(value, 'placeholder')) return 3
  throw new TemplateError('TypeError', `object of type '${typeName(value)}' has no len()`)
}

function toDict({ args, keywords }: CallArguments, { budget }: Runtime): Value {
  const [given] = positional({ args, keywords: new Map() }, 'dict', 0, 1)
  const made = dict(given === undefined ? [] : pairsOf(given, budget), budget)
  for (const [name, value] of keywords) put(made, name, value, budget)
  return made
}

function range(call: CallArguments, { budget }: Runtime): Value {
  const [first = 0, second, third] = positional(call, 'range', 1, 3).map((each) =>
    isKind(plain(each), 'placeholder') ? 3 : indexOf(each, 'range'),
  )
  const [start, stop, step] = second === undefined ? [0, first, 1] : [first, second, third ?? 1]
  if (step === 0) throw new TemplateError('ValueError', 'range() arg 3 must not be zero')
  const size = Math.max(0, Math.ceil((stop - start) / step))
  budget.spend(size)
  return list(Array.from({ length: size }, (_, index) => BigInt(start + index * step)))
}

function enumerate(call: CallArguments, { budget }: Runtime): Value {
  const [items, start] = bind(call, 'enumerate', ['iterable', 'start'])
  if (items === undefined) positional(call, 'enumerate', 1, 2)
  const from = start === undefined ? 0 : indexOf(start, 'enumerate')
  return list(
    iterate(items ?? null, budget).map((item, index) => tuple([BigInt(from + index), item])),
  )
}

/** The rows that columns make, as many as the shortest has items. */
function rowsOf(columns: readonly (readonly Value[])[]): Value[][] {
  const size = columns.reduce((least, { length: each }) => Math.min(least, each), Infinity)
  return Array.from({ length: columns.length === 0 ? 0 : size }, (_, index) =>
    columns.map((column) => column[index] ?? null),
  )
}

function mapped(call: CallArguments, { budget, apply }: Runtime): Value {
  const [fn = null, ...columns] = positional(call, 'map', 2, Infinity)
  return list(rowsOf(columns.map((each) => iterate(each, budget))).map((row) => apply(fn, row)))
}

function filtered(call: CallArguments, { budget, apply }: Runtime): Value {
  const [fn = null, items = null] = positional(call, 'filter', 2, 2)
  return list(
    iterate(items, budget).filter((item) => truthy(fn === null ? item : apply(fn, [item]))),
  )
}

function sum(call: CallArguments, { budget }: Runtime): Value {
  const [items, start] = bind(call, 'sum', ['iterable', 'start'])
  if (items === undefined) positional(call, 'sum', 1, 2)
  let total: Value = start ?? 0n
  if (typeof plain(total) === 'string')
    throw new TemplateError('TypeError', "sum() can't sum strings [use ''.join(seq) instead]")
  for (const item of iterate(items ?? null, budget)) total = binary('+', total, item, budget)
  return total
}

function extreme(call: CallArguments, runtime: Runtime, fn: 'min' | 'max'): Value {
  const { budget, apply } = runtime
  const args = positional({ args: call.args, keywords: new Map() }, fn, 1, Infinity)
  const [key = null, otherwise] = bind({ args: [], keywords: call.keywords }, fn, [
    'key',
    'default',
  ])
  const items = args.length === 1 ? iterate(args[0] ?? null, budget) : args
  const [first, ...rest] = items.map((item) => ({
    item,
    by: key === null ? item : apply(key, [item]),
  }))
  if (first === undefined) {
    if (otherwise === undefined)
      throw new TemplateError('ValueError', `${fn}() arg is an empty sequence`)
    return otherwise
  }
  const isBetter = (one: Value, best: Value): boolean =>
    fn === 'min' ? order(one, best, budget, '<') < 0 : order(one, best, budget, '>') > 0
  return rest.reduce((best, each) => (isBetter(each.by, best.by) ? each : best), first).item
}

function codePoint(value: Value): number {
  const point = indexOf(value, 'chr')
  if (point < 0 || point > 0x10ffff)
    throw new TemplateError('ValueError', 'chr() arg not in range(0x110000)')
  return point
}

function ordinal(text: string): number {
  const [only, ...more] = characters(text.slice(0, 4))
  if (only === undefined || more.length > 0)
    throw new TemplateError(
      'TypeError',
      `ord() expected a character, but string of length ${String(textLength(text))} found`,
    )
  return only.codePointAt(0) ?? 0
}

/** Only with the types that are functions here: `isinstance(x, str)`, `isinstance(x, (int, float))`. */
function isInstance(value: Value, given: Value): boolean {
  const types = isKind(given, 'tuple') ? given.items : [given]
  return types.some((type) => {
    if (!isKind(type, 'function'))
      throw new TemplateError('TypeError', 'isinstance() arg 2 must be a type or a tuple of types')
    return typeName(value) === type.name || (type.name === 'int' && typeName(value) === 'bool')
  })
}
