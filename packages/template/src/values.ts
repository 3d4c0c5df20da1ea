// The values an expression can have. None of them is a host object: lists are arrays we own, dictionaries are Maps behind
// hashed keys, functions are names looked up in closed tables. `__proto__` is just text here.
import type { Budget } from './budget.ts'
import { TemplateError } from './template-error.ts'

/** Python's None, bool, int, float and str are null, boolean, bigint, number and string; the rest is below. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | PyList
  | PyTuple
  | PySet
  | PyDict
  | Typed
  | PyFunction
  | PyException
  | Placeholder

export interface PyList {
  readonly kind: 'list'
  readonly items: Value[]
}

export interface PyTuple {
  readonly kind: 'tuple'
  readonly items: readonly Value[]
}

export interface PySet {
  readonly kind: 'set'
  readonly members: Map<string, Value>
}

export interface PyDict {
  readonly kind: 'dict'
  readonly entries: Map<string, readonly [Value, Value]>
}

/** What a typed function gives: SQL for `{{ }}`, and the plain value for conditions and arithmetic. `sql` comes only from escape-literal.ts. */
export interface Typed {
  readonly kind: 'typed'
  readonly value: Value
  readonly sql: string
}

/** A builtin, typed or helper function by name. */
interface PyFunction {
  readonly kind: 'function'
  readonly name: string
}

interface PyException {
  readonly kind: 'exception'
  readonly type: string
  readonly message: string
}

/** Stands for a parameter without value in test mode; everything done to it gives another one. */
export interface Placeholder {
  readonly kind: 'placeholder'
}

/** Text a placeholder shows. */
export const NO_VALUE = '__no_value__'

export const PLACEHOLDER: Placeholder = { kind: 'placeholder' }

export const list = (items: Value[]): PyList => ({ kind: 'list', items })
export const tuple = (items: readonly Value[]): PyTuple => ({ kind: 'tuple', items })

/** A dictionary of pairs; of equal keys the first stays, with the last value. */
export function dict(pairs: Iterable<readonly [Value, Value]>, budget: Budget): PyDict {
  const made: PyDict = { kind: 'dict', entries: new Map() }
  for (const [key, value] of pairs) put(made, key, value, budget)
  return made
}

/** Sets an entry of a dictionary; an equal key that is there stays as it is. */
export function put({ entries }: PyDict, key: Value, value: Value, budget: Budget): void {
  const hash = hashKey(key, budget)
  entries.set(hash, [entries.get(hash)?.[0] ?? key, value])
}

export function set(items: Iterable<Value>, budget: Budget): PySet {
  const members: PySet['members'] = new Map()
  for (const item of items) {
    const hash = hashKey(item, budget)
    if (!members.has(hash)) members.set(hash, item)
  }
  return { kind: 'set', members }
}

/** The value behind a typed literal; other values as they are. */
export function plain(value: Value): Value {
  return isKind(value, 'typed') ? value.value : value
}

type Kinds = { [Each in Extract<Value, { kind: string }> as Each['kind']]: Each }

export function isKind<Kind extends keyof Kinds>(value: Value, kind: Kind): value is Kinds[Kind] {
  return typeof value === 'object' && value !== null && value.kind === kind
}

/** Python's type name, for error texts. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'boolean') return 'bool'
  if (value.kind === 'typed') return typeName(value.value)
  return value.kind === 'exception' ? value.type : value.kind
}

export function truthy(value: Value): boolean {
  if (value === null) return false
  // NaN is true, other than in JavaScript.
  if (typeof value !== 'object') return Boolean(value) || Number.isNaN(value)
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items.length > 0
    case 'set':
      return value.members.size > 0
    case 'dict':
      return value.entries.size > 0
    case 'typed':
      return truthy(value.value)
    case 'exception':
    case 'function':
    case 'placeholder':
      return true
  }
}

/**
 * The key under which equal hashable values meet: `1`, `1.0` and `True` are one key, as in Python.
 * @throws TypeError for lists, dicts and sets.
 */
export function hashKey(given: Value, budget: Budget, depth = 0): string {
  budget.visit(depth)
  const value = plain(given)
  if (value === null) return 'none'
  if (typeof value === 'string') {
    budget.visitText(value.length)
    return `s${value}`
  }
  if (typeof value === 'boolean') return `n${value ? '1' : '0'}`
  if (typeof value === 'bigint') return `n${intText(value, budget)}`
  if (typeof value === 'number')
    return Number.isInteger(value) ? `n${intText(BigInt(value), budget)}` : `n${String(value)}`
  if (value.kind === 'tuple') {
    const keys = value.items.map((item) => hashKey(item, budget, depth + 1))
    const key = `t${keys.map((each) => `${String(each.length)}:${each}`).join('')}`
    budget.visitText(key.length)
    return key
  }
  if (value.kind === 'list' || value.kind === 'dict' || value.kind === 'set') {
    throw new TemplateError('TypeError', `unhashable type: '${value.kind}'`)
  }
  return value.kind === 'function' ? `f${value.name}` : value.kind
}

/** Steps that writing an integer of more than 64 bits costs: the work grows with the square of its digits. */
const LONG_INT_STEPS = 200

/** An integer in decimal. */
export function intText(value: bigint, budget: Budget): string {
  if (BigInt.asIntN(64, value) !== value) budget.spend(LONG_INT_STEPS)
  return String(value)
}

/** Python's `==`. @throws RecursionError for values nested (or looped) more than 64 deep. */
export function isEqual(left: Value, right: Value, budget: Budget, depth = 0): boolean {
  budget.visit(depth)
  const [one, other] = [plain(left), plain(right)]
  if (isNumeric(one) && isNumeric(other)) return compareNumbers(one, other) === 0
  if (typeof one === 'string' && typeof other === 'string' && one.length === other.length)
    budget.visitText(one.length)
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  if (
    (one.kind === 'list' && other.kind === 'list') ||
    (one.kind === 'tuple' && other.kind === 'tuple')
  ) {
    return (
      one.items.length === other.items.length &&
      one.items.every((item, index) => isEqual(item, other.items[index] ?? null, budget, depth + 1))
    )
  }
  if (one.kind === 'set' && other.kind === 'set')
    return one.members.size === other.members.size && isSubset(one, other, budget)
  if (one.kind === 'dict' && other.kind === 'dict') {
    if (one.entries.size !== other.entries.size) return false
    return [...one.entries].every(([key, [, value]]) => {
      const found = other.entries.get(key)
      return found !== undefined && isEqual(value, found[1], budget, depth + 1)
    })
  }
  return (
    one === other ||
    (one.kind === 'function' && other.kind === 'function' && one.name === other.name)
  )
}

/** True when each member of one set is in the other. */
export function isSubset(one: PySet, other: PySet, budget: Budget): boolean {
  budget.spend(one.members.size / 8)
  return [...one.members.keys()].every((key) => other.members.has(key))
}

export function isNumeric(value: Value): value is boolean | bigint | number {
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'
}

/** Negative, zero, positive, or NaN. Exact between int and float. */
export function compareNumbers(
  one: boolean | bigint | number,
  other: boolean | bigint | number,
): number {
  const left = typeof one === 'boolean' ? BigInt(one) : one
  const right = typeof other === 'boolean' ? BigInt(other) : other
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN
  return left < right ? -1 : left > right ? 1 : 0
}
