// Python's builtins that templates may call. What is not in this table does not exist: open, eval, getattr, type and the rest
// are undefined names. A parameter may carry such a name.
import { bind, indexOf, textOf, type CallArguments } from './arguments.ts'
import type { Budget } from './budget.ts'
import { couple, pairOf, sortValues } from './collection-methods.ts'
import { exactFixed } from './exact-fixed.ts'
import { iterate } from './iterate.ts'
import { binary, order } from './operators.ts'
import { characters, parseFloatText, parseInteger, pyRepr, pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import {
  dict,
  isKind,
  isNumeric,
  list,
  plain,
  set,
  truthy,
  tuple,
  typeName,
  type Value,
} from './values.ts'

type Builtin = (call: CallArguments, budget: Budget) => Value

/** Items range() may make before the step budget would stop it anyway. */
const RANGE_MAX = 1_000_000

/** Finds a builtin by name. */
export function builtin(name: string): Builtin | undefined {
  return BUILTINS.get(name)
}

const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['len', ({ args }) => BigInt(length(args[0]))],
  ['str', ({ args }) => (args[0] === undefined ? '' : pyStr(args[0]))],
  ['repr', ({ args }) => pyRepr(args[0] ?? null)],
  ['int', toInt],
  ['float', toFloat],
  ['list', ({ args }, budget) => list(args[0] === undefined ? [] : [...iterate(args[0], budget)])],
  [
    'tuple',
    ({ args }, budget) => tuple(args[0] === undefined ? [] : [...iterate(args[0], budget)]),
  ],
  ['set', ({ args }, budget) => set(args[0] === undefined ? [] : iterate(args[0], budget))],
  ['dict', toDict],
  ['range', range],
  [
    'enumerate',
    (call, budget) => {
      const [items = null, start] = bind(call, 'enumerate', ['iterable', 'start'])
      const from = start === undefined ? 0 : indexOf(start, 'enumerate')
      return list(iterate(items, budget).map((item, index) => couple(BigInt(from + index), item)))
    },
  ],
  [
    'zip',
    ({ args }, budget) => {
      const columns = args.map((each) => iterate(each, budget))
      const size = Math.min(
        ...columns.map((column) => column.length),
        columns.length === 0 ? 0 : Infinity,
      )
      return list(
        Array.from({ length: size }, (_, index) =>
          tuple(columns.map((column) => column[index] ?? null)),
        ),
      )
    },
  ],
  ['reversed', ({ args }, budget) => list(iterate(args[0] ?? null, budget).toReversed())],
  [
    'sorted',
    ({ args, keywords }, budget) =>
      list(
        sortValues(
          iterate(args[0] ?? null, budget),
          truthy(keywords.get('reverse') ?? false),
          budget,
        ),
      ),
  ],
  [
    'sum',
    ({ args }, budget) => {
      let total: Value = args[1] ?? 0n
      for (const item of iterate(args[0] ?? null, budget)) total = binary('+', total, item, budget)
      return total
    },
  ],
  ['min', (call, budget) => extreme(call, budget, 'min')],
  ['max', (call, budget) => extreme(call, budget, 'max')],
  ['any', ({ args }, budget) => iterate(args[0] ?? null, budget).some(truthy)],
  ['all', ({ args }, budget) => iterate(args[0] ?? null, budget).every(truthy)],
  ['abs', ({ args }) => absolute(args[0] ?? null)],
  ['round', round],
  [
    'divmod',
    ({ args }, budget) =>
      couple(
        binary('//', args[0] ?? null, args[1] ?? null, budget),
        binary('%', args[0] ?? null, args[1] ?? null, budget),
      ),
  ],
  ['chr', ({ args }) => String.fromCodePoint(codePoint(args[0]))],
  ['ord', ({ args }) => BigInt(textOf(args[0], 'ord').codePointAt(0) ?? 0)],
  ['isinstance', ({ args }) => isInstance(args[0] ?? null, args[1] ?? null)],
])

function length(given: Value | undefined): number {
  const value = given === undefined ? null : plain(given)
  if (typeof value === 'string') return characters(value).length
  if (isKind(value, 'list') || isKind(value, 'tuple')) return value.items.length
  if (isKind(value, 'dict')) return value.entries.size
  if (isKind(value, 'set')) return value.members.size
  if (isKind(value, 'placeholder')) return 3
  throw new TemplateError('TypeError', `object of type '${typeName(value)}' has no len()`)
}

function toInt({ args }: CallArguments): Value {
  const value = plain(args[0] ?? 0n)
  if (isKind(value, 'placeholder')) return 0n
  if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new TemplateError('ValueError', 'cannot convert float NaN or infinity to integer')
    return BigInt(Math.trunc(value))
  }
  if (typeof value !== 'string')
    throw new TemplateError(
      'TypeError',
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
    )
  return parseInteger(value)
}

function toFloat({ args }: CallArguments): Value {
  const value = plain(args[0] ?? 0)
  if (isKind(value, 'placeholder')) return 0
  if (isNumeric(value)) return Number(value)
  const parsed = typeof value === 'string' ? parseFloatText(value) : null
  if (parsed === null)
    throw new TemplateError('ValueError', `could not convert string to float: ${pyRepr(value)}`)
  return parsed
}

function toDict({ args, keywords }: CallArguments, budget: Budget): Value {
  const given = plain(args[0] ?? list([]))
  const first = isKind(given, 'dict')
    ? [...given.entries.values()]
    : iterate(given, budget).map((pair) => pairOf(pair, budget))
  return dict([...first, ...keywords])
}

function range({ args }: CallArguments, budget: Budget): Value {
  const [first, second, third] = args.map((each) =>
    isKind(plain(each), 'placeholder') ? 3 : indexOf(each, 'range'),
  )
  if (first === undefined)
    throw new TemplateError('TypeError', 'range expected at least 1 argument, got 0')
  const [start, stop, step] = second === undefined ? [0, first, 1] : [first, second, third ?? 1]
  if (step === 0) throw new TemplateError('ValueError', 'range() arg 3 must not be zero')
  const size = Math.max(0, Math.ceil((stop - start) / step))
  budget.spend(size)
  return list(
    Array.from({ length: Math.min(size, RANGE_MAX) }, (_, index) => BigInt(start + index * step)),
  )
}

function extreme({ args, keywords }: CallArguments, budget: Budget, fn: 'min' | 'max'): Value {
  const items = args.length === 1 ? iterate(args[0] ?? null, budget) : args
  const [first, ...rest] = items
  if (first === undefined) {
    const otherwise = keywords.get('default')
    if (otherwise === undefined)
      throw new TemplateError('ValueError', `${fn}() arg is an empty sequence`)
    return otherwise
  }
  return rest.reduce(
    (best, item) => ((fn === 'min' ? order(item, best) < 0 : order(item, best) > 0) ? item : best),
    first,
  )
}

function absolute(given: Value): Value {
  const value = plain(given)
  if (typeof value === 'number') return Math.abs(value)
  if (typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new TemplateError('TypeError', `bad operand type for abs(): '${typeName(value)}'`)
  const int = BigInt(value)
  return int < 0n ? -int : int
}

/** Half to even, as Python. */
function round({ args }: CallArguments): Value {
  const value = plain(args[0] ?? null)
  const digits = args[1] === undefined || args[1] === null ? null : indexOf(args[1], 'round')
  if (!isNumeric(value))
    throw new TemplateError('TypeError', `type ${typeName(value)} doesn't define __round__ method`)
  if (typeof value !== 'number')
    return digits === null || digits >= 0 ? BigInt(value) : roundTens(BigInt(value) * 2n, -digits)
  if (!Number.isFinite(value)) throw new TemplateError('ValueError', 'cannot round NaN or infinity')
  if (digits === null) return BigInt(exactFixed(value, 0))
  if (digits > 300) return value
  if (digits >= 0) return Number(exactFixed(value, digits))
  // A fraction that is cut off still decides a tie, so it counts as a half of one.
  const whole = Math.trunc(Math.abs(value))
  const halves = BigInt(whole) * 2n + (Math.abs(value) > whole ? 1n : 0n)
  const size = Number(roundTens(halves, -digits))
  return value < 0 || Object.is(value, -0) ? -size : size
}

/** Half of `halves`, rounded half to even to a number with so many zeros. */
function roundTens(halves: bigint, zeros: number): bigint {
  const ten = 10n ** BigInt(Math.min(zeros, 400))
  const scale = ten * 2n
  const size = halves < 0n ? -halves : halves
  const [floor, rest] = [size / scale, size % scale]
  const isUp = rest * 2n > scale || (rest * 2n === scale && floor % 2n === 1n)
  const rounded = (isUp ? floor + 1n : floor) * ten
  return halves < 0n ? -rounded : rounded
}

function codePoint(value: Value | undefined): number {
  const point = indexOf(value, 'chr')
  if (point < 0 || point > 0x10ffff)
    throw new TemplateError('ValueError', 'chr() arg not in range(0x110000)')
  return point
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
