// Python's operators over our values. Integers are exact; sizes are paid for before they are made.
import type { BinaryOperator, CompareOperator } from './ast.ts'
import type { Budget } from './budget.ts'
import { formatPercent } from './format-text.ts'
import { INT_DIGITS_MAX, characters } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import {
  compareNumbers,
  dict,
  hashKey,
  isEqual,
  isKind,
  isNumeric,
  list,
  plain,
  PLACEHOLDER,
  set,
  tuple,
  typeName,
  newWalk,
  visit,
  type Value,
  type Walk,
} from './values.ts'

const INT_BITS_MAX = BigInt(INT_DIGITS_MAX * 3)
const INT_LIMIT = 1n << INT_BITS_MAX

/** Python's binary operators. @throws TemplateError. */
export function binary(
  operator: BinaryOperator,
  givenLeft: Value,
  givenRight: Value,
  budget: Budget,
): Value {
  const [left, right] = [plain(givenLeft), plain(givenRight)]
  if (isKind(left, 'placeholder') || isKind(right, 'placeholder')) return PLACEHOLDER
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right, budget)
  const joined =
    operator === '+'
      ? concatenate(left, right, budget)
      : operator === '*'
        ? repeat(left, right, budget)
        : setOperation(operator, left, right)
  if (joined !== null) return joined
  if (!isNumeric(left) || !isNumeric(right)) throw unsupported(operator, left, right)
  const isFloat = typeof left === 'number' || typeof right === 'number'
  if (isFloat || operator === '/') return floatOperation(operator, left, right)
  return bounded(intOperation(operator, BigInt(left), BigInt(right)))
}

function concatenate(left: Value, right: Value, budget: Budget): Value | null {
  if (typeof left === 'string' && typeof right === 'string') {
    budget.spendText(left.length + right.length)
    return left + right
  }
  const both = (kind: 'list' | 'tuple'): Value[] | null => {
    if (!isKind(left, kind) || !isKind(right, kind)) return null
    budget.spend(left.items.length + right.items.length)
    return [...left.items, ...right.items]
  }
  const lists = both('list')
  if (lists !== null) return list(lists)
  const tuples = both('tuple')
  if (tuples !== null) return tuple(tuples)
  if (typeof left === 'string' && !isNumeric(right))
    throw new TemplateError(
      'TypeError',
      `can only concatenate str (not "${typeName(right)}") to str`,
    )
  return null
}

function repeat(left: Value, right: Value, budget: Budget): Value | null {
  const [text, times] = isNumeric(left) ? [right, left] : [left, right]
  if (typeof times !== 'bigint' && typeof times !== 'boolean') return null
  const count = Math.max(0, Number(times))
  if (typeof text === 'string') {
    budget.spendText(text.length * count)
    return text.repeat(count)
  }
  if (!isKind(text, 'list') && !isKind(text, 'tuple')) return null
  budget.spend(text.items.length * count)
  const items = Array.from({ length: count }, () => text.items).flat()
  return text.kind === 'list' ? list(items) : tuple(items)
}

function setOperation(operator: BinaryOperator, left: Value, right: Value): Value | null {
  if (isKind(left, 'dict') && isKind(right, 'dict') && operator === '|')
    return dict([...left.entries.values(), ...right.entries.values()])
  if (!isKind(left, 'set') || !isKind(right, 'set')) return null
  const [ours, theirs] = [left.members, right.members]
  switch (operator) {
    case '+':
    case '*':
    case '/':
    case '//':
    case '%':
    case '<<':
    case '>>':
      return null
    case '|':
      return set([...ours.values(), ...theirs.values()])
    case '&':
      return set([...ours].filter(([key]) => theirs.has(key)).map(([, value]) => value))
    case '-':
      return set([...ours].filter(([key]) => !theirs.has(key)).map(([, value]) => value))
    case '^':
      return set(
        [
          ...[...ours].filter(([key]) => !theirs.has(key)),
          ...[...theirs].filter(([key]) => !ours.has(key)),
        ].map(([, value]) => value),
      )
  }
}

type Numeric = boolean | bigint | number

function floatOperation(operator: BinaryOperator, one: Numeric, other: Numeric): Value {
  const [left, right] = [Number(one), Number(other)]
  if ((operator === '/' || operator === '//' || operator === '%') && right === 0)
    throw new TemplateError(
      'ZeroDivisionError',
      operator === '/' ? 'division by zero' : 'float floor division by zero',
    )
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '//':
      return floatDivision(left, right)[0]
    case '%':
      return floatDivision(left, right)[1]
    case '|':
    case '&':
    case '^':
    case '<<':
    case '>>':
      throw unsupported(operator, one, other)
  }
}

/** Quotient and rest as CPython makes them: `1 // 0.1` is 9.0, and a rest of zero has the sign of the divisor. */
function floatDivision(left: number, right: number): [number, number] {
  const rest = left % right
  const isOff = rest !== 0 && rest < 0 !== right < 0
  const quotient = (left - rest) / right - (isOff ? 1 : 0)
  const floor = Math.floor(quotient)
  const whole = quotient - floor > 0.5 ? floor + 1 : floor
  return [whole, rest === 0 ? (right < 0 ? -0 : 0) : isOff ? rest + right : rest]
}

function intOperation(operator: BinaryOperator, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '//':
    case '%':
      return floorDivision(operator, left, right)
    case '|':
      return left | right
    case '&':
      return left & right
    case '^':
      return left ^ right
    case '<<':
    case '>>':
      if (right < 0n) throw new TemplateError('ValueError', 'negative shift count')
      if (operator === '>>') return right > INT_BITS_MAX ? (left < 0n ? -1n : 0n) : left >> right
      if (right > INT_BITS_MAX) throw tooLarge()
      return left << right
    case '/':
      throw unsupported(operator, left, right)
  }
}

function floorDivision(operator: '//' | '%', left: bigint, right: bigint): bigint {
  if (right === 0n)
    throw new TemplateError('ZeroDivisionError', 'integer division or modulo by zero')
  const rest = left % right
  const isOff = rest !== 0n && rest < 0n !== right < 0n
  if (operator === '%') return isOff ? rest + right : rest
  return isOff ? left / right - 1n : left / right
}

function bounded(value: bigint): bigint {
  if (value > INT_LIMIT || value < -INT_LIMIT) throw tooLarge()
  return value
}

function tooLarge(): TemplateError {
  return new TemplateError('OverflowError', 'integer is too large')
}

function unsupported(operator: string, left: Value, right: Value): TemplateError {
  return new TemplateError(
    'TypeError',
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
  )
}

/** Python's unary operators but `not`. */
export function unary(operator: '-' | '+' | '~', given: Value): Value {
  const value = plain(given)
  if (isKind(value, 'placeholder')) return value
  if (typeof value === 'number' && operator !== '~') return operator === '-' ? -value : value
  if (typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new TemplateError(
      'TypeError',
      `bad operand type for unary ${operator}: '${typeName(value)}'`,
    )
  const int = BigInt(value)
  return operator === '-' ? -int : operator === '+' ? int : ~int
}

/** Python's comparisons. @throws TypeError for values without an order, with a hint for untyped parameters. */
export function compare(operator: CompareOperator, givenLeft: Value, givenRight: Value): boolean {
  const [left, right] = [plain(givenLeft), plain(givenRight)]
  if (isKind(left, 'placeholder') || isKind(right, 'placeholder')) return true
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case 'is':
      return isSame(left, right)
    case 'is not':
      return !isSame(left, right)
    case 'in':
      return contains(right, left)
    case 'not in':
      return !contains(right, left)
    case '<':
      return order(left, right, operator) < 0
    case '<=':
      return order(left, right, operator) <= 0
    case '>':
      return order(left, right, operator) > 0
    case '>=':
      return order(left, right, operator) >= 0
  }
}

function isSame(left: Value, right: Value): boolean {
  return (
    typeof left === typeof right &&
    (typeof left === 'object' ? left === right : isEqual(left, right))
  )
}

/** Negative, zero or positive as left stands before, with or after right. */
export function order(
  givenLeft: Value,
  givenRight: Value,
  operator = '<',
  walk: Walk = newWalk(),
  depth = 0,
): number {
  visit(walk, depth)
  const [left, right] = [plain(givenLeft), plain(givenRight)]
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right)
  if (typeof left === 'string' && typeof right === 'string') return orderText(left, right)
  const isSequence =
    (isKind(left, 'list') && isKind(right, 'list')) ||
    (isKind(left, 'tuple') && isKind(right, 'tuple'))
  if (!isSequence) throw notOrdered(left, right, operator)
  for (const [index, item] of left.items.entries()) {
    const other = right.items[index]
    if (other === undefined) return 1
    if (!isEqual(item, other)) return order(item, other, operator, walk, depth + 1)
  }
  return left.items.length - right.items.length
}

function orderText(left: string, right: string): number {
  if (left === right) return 0
  const [ours, theirs] = [characters(left), characters(right)]
  const index = ours.findIndex((character, at) => character !== theirs[at])
  if (index < 0) return -1
  return (ours[index]?.codePointAt(0) ?? 0) - (theirs[index]?.codePointAt(0) ?? -1)
}

function notOrdered(left: Value, right: Value, operator: string): TemplateError {
  const message = `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`
  const isText =
    (typeof left === 'string' && isNumeric(right)) || (isNumeric(left) && typeof right === 'string')
  const hint = isText
    ? '. If you are comparing a parameter with a number, wrap it in a type function, for example {{Int32(param)}}'
    : ''
  return new TemplateError('TypeError', message + hint)
}

/** Python's `item in container`. */
function contains(givenContainer: Value, item: Value): boolean {
  const container = plain(givenContainer)
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw new TemplateError(
        'TypeError',
        `'in <string>' requires string as left operand, not ${typeName(item)}`,
      )
    return container.includes(item)
  }
  if (isKind(container, 'list') || isKind(container, 'tuple'))
    return container.items.some((each) => isEqual(each, item))
  if (isKind(container, 'set')) return container.members.has(hashKey(item))
  if (isKind(container, 'dict')) return container.entries.has(hashKey(item))
  throw new TemplateError('TypeError', `argument of type '${typeName(container)}' is not iterable`)
}
