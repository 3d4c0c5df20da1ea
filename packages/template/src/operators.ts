// Python's operators over our values. Integers are exact; sizes are paid for before they are made.
import type { BinaryOperator } from './ast.ts'
import type { Budget } from './budget.ts'
import { formatPercent } from './format-percent.ts'
import { INT_DIGITS_MAX } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { trueDivision } from './true-division.ts'
import {
  dict,
  isKind,
  isNumeric,
  list,
  plain,
  PLACEHOLDER,
  set,
  tuple,
  typeName,
  type PySet,
  type Value,
} from './values.ts'

const INT_BITS_MAX = BigInt(INT_DIGITS_MAX * 3)
const INT_LIMIT = 1n << INT_BITS_MAX

/** Steps that work on integers of more than 64 bits costs. */
const LONG_INT_STEPS = 100

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
  if (isNumeric(left) && isNumeric(right)) return numberOperation(operator, left, right, budget)
  const joined =
    operator === '+'
      ? concatenate(left, right, budget)
      : operator === '*'
        ? repeat(left, right, budget)
        : setOperation(operator, left, right, budget)
  if (joined === null) throw unsupported(operator, left, right)
  return joined
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
  const name = typeName(left)
  if (name === 'str' || name === 'list' || name === 'tuple')
    throw new TemplateError(
      'TypeError',
      `can only concatenate ${name} (not "${typeName(right)}") to ${name}`,
    )
  return null
}

function repeat(left: Value, right: Value, budget: Budget): Value | null {
  const [whole, times] = isNumeric(left) ? [right, left] : [left, right]
  const isWhole = typeof whole === 'string' || isKind(whole, 'list') || isKind(whole, 'tuple')
  if (!isWhole) return null
  if (typeof times !== 'bigint' && typeof times !== 'boolean')
    throw new TemplateError(
      'TypeError',
      `can't multiply sequence by non-int of type '${typeName(times)}'`,
    )
  const size = typeof whole === 'string' ? whole.length : whole.items.length
  // Nothing many times is nothing: the count may be beyond any length an array can have.
  const count = size === 0 ? 0 : Math.max(0, Number(times))
  if (typeof whole === 'string') {
    budget.spendText(size * count)
    return whole.repeat(count)
  }
  budget.spend(size * count)
  const items = Array.from({ length: count }, () => whole.items).flat()
  return whole.kind === 'list' ? list(items) : tuple(items)
}

function setOperation(
  operator: BinaryOperator,
  left: Value,
  right: Value,
  budget: Budget,
): Value | null {
  if (isKind(left, 'dict') && isKind(right, 'dict') && operator === '|')
    return dict([...left.entries.values(), ...right.entries.values()], budget)
  if (!isKind(left, 'set') || !isKind(right, 'set')) return null
  budget.spend(left.members.size + right.members.size)
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
      return set([...left.members.values(), ...right.members.values()], budget)
    case '&':
      return set(common(left, right, true), budget)
    case '-':
      return set(common(left, right, false), budget)
    case '^':
      return set([...common(left, right, false), ...common(right, left, false)], budget)
  }
}

/** The members of one set that are in the other, or that are not. */
function common(one: PySet, other: PySet, isIn: boolean): Value[] {
  return [...one.members].filter(([key]) => other.members.has(key) === isIn).map(([, each]) => each)
}

type Numeric = boolean | bigint | number

function numberOperation(
  operator: BinaryOperator,
  left: Numeric,
  right: Numeric,
  budget: Budget,
): Value {
  if (typeof left === 'number' || typeof right === 'number')
    return floatOperation(operator, left, right)
  const [one, other] = [BigInt(left), BigInt(right)]
  if (isLong(one) || isLong(other)) budget.spend(LONG_INT_STEPS)
  if (operator === '/') return trueDivision(one, other)
  const made = intOperation(operator, one, other)
  const isBits = operator === '&' || operator === '|' || operator === '^'
  if (isBits && typeof left === 'boolean' && typeof right === 'boolean') return made !== 0n
  return bounded(made)
}

function isLong(value: bigint): boolean {
  return BigInt.asIntN(64, value) !== value
}

/** An int as a float, as an operator with a float wants it. @throws OverflowError. */
function floatOf(value: Numeric): number {
  const float = Number(value)
  if (typeof value === 'bigint' && !Number.isFinite(float))
    throw new TemplateError('OverflowError', 'int too large to convert to float')
  return float
}

function floatOperation(operator: BinaryOperator, one: Numeric, other: Numeric): Value {
  const [left, right] = [floatOf(one), floatOf(other)]
  if ((operator === '/' || operator === '//' || operator === '%') && right === 0)
    throw new TemplateError(
      'ZeroDivisionError',
      operator === '/'
        ? 'float division by zero'
        : operator === '%'
          ? 'float modulo'
          : 'float floor division by zero',
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

/** Quotient and rest as CPython makes them: `1 // 0.1` is 9.0, and zeros have the signs of what they come from. */
function floatDivision(left: number, right: number): [number, number] {
  const rest = left % right
  if (rest === 0) return [floorOf(left / right, left / right), right < 0 ? -0 : 0]
  const isOff = rest < 0 !== right < 0
  const quotient = (left - rest) / right - (isOff ? 1 : 0)
  return [floorOf(quotient, left / right), isOff ? rest + right : rest]
}

function floorOf(quotient: number, signed: number): number {
  if (quotient === 0) return signed < 0 || Object.is(signed, -0) ? -0 : 0
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

function intOperation(operator: Exclude<BinaryOperator, '/'>, left: bigint, right: bigint): bigint {
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
      if (right > INT_BITS_MAX && left !== 0n) throw tooLarge()
      return left === 0n ? 0n : left << right
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
