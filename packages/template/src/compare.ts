// Python's comparisons. Looking through values is paid for.
import type { CompareOperator } from './ast.ts'
import type { Budget } from './budget.ts'
import { TemplateError } from './template-error.ts'
import {
  compareNumbers,
  hashKey,
  isEqual,
  isKind,
  isNumeric,
  isSubset,
  plain,
  typeName,
  type PySet,
  type Value,
} from './values.ts'

type OrderOperator = '<' | '<=' | '>' | '>='

/** Python's comparisons. @throws TypeError for values without an order, with a hint for untyped parameters. */
export function compare(
  operator: CompareOperator,
  givenLeft: Value,
  givenRight: Value,
  budget: Budget,
): boolean {
  const [left, right] = [plain(givenLeft), plain(givenRight)]
  if (isKind(left, 'placeholder') || isKind(right, 'placeholder')) return true
  switch (operator) {
    case '==':
      return isEqual(left, right, budget)
    case '!=':
      return !isEqual(left, right, budget)
    case 'is':
      return isSame(left, right, budget)
    case 'is not':
      return !isSame(left, right, budget)
    case 'in':
      return contains(right, left, budget)
    case 'not in':
      return !contains(right, left, budget)
    case '<':
    case '<=':
    case '>':
    case '>=':
      if (isKind(left, 'set') && isKind(right, 'set'))
        return isOrderedSet(operator, left, right, budget)
      return isOrdered(operator, order(left, right, budget, operator))
  }
}

function isSame(left: Value, right: Value, budget: Budget): boolean {
  return (
    typeof left === typeof right &&
    (typeof left === 'object' ? left === right : isEqual(left, right, budget))
  )
}

function isOrdered(operator: OrderOperator, sign: number): boolean {
  if (operator === '<') return sign < 0
  if (operator === '<=') return sign <= 0
  return operator === '>' ? sign > 0 : sign >= 0
}

/** Sets compare by what they hold: `<` is a real subset. */
function isOrderedSet(operator: OrderOperator, left: PySet, right: PySet, budget: Budget): boolean {
  const [small, large] = operator.startsWith('<') ? [left, right] : [right, left]
  const isReal = operator.length === 1
  return (isReal ? small.members.size < large.members.size : true) && isSubset(small, large, budget)
}

/** Negative, zero or positive as left stands before, with or after right; NaN for a NaN. */
export function order(
  givenLeft: Value,
  givenRight: Value,
  budget: Budget,
  operator = '<',
  depth = 0,
): number {
  budget.visit(depth)
  const [left, right] = [plain(givenLeft), plain(givenRight)]
  // Nobody knows its place yet: max(x, 5) and sorted() take it for equal.
  if (isKind(left, 'placeholder') || isKind(right, 'placeholder')) return 0
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right)
  if (typeof left === 'string' && typeof right === 'string') {
    budget.visitText(Math.min(left.length, right.length))
    return orderText(left, right)
  }
  const isSequence =
    (isKind(left, 'list') && isKind(right, 'list')) ||
    (isKind(left, 'tuple') && isKind(right, 'tuple'))
  if (!isSequence) throw notOrdered(left, right, operator)
  for (const [index, item] of left.items.entries()) {
    const other = right.items[index]
    if (other === undefined) return 1
    if (!isEqual(item, other, budget)) return order(item, other, budget, operator, depth + 1)
  }
  return left.items.length - right.items.length
}

/** By code points: `'\uffff' < '😀'`, whose first half is smaller. */
function orderText(left: string, right: string): number {
  const size = Math.min(left.length, right.length)
  let at = 0
  while (at < size && left.charCodeAt(at) === right.charCodeAt(at)) at++
  if (at === size) return left.length - right.length
  return (left.codePointAt(at) ?? 0) - (right.codePointAt(at) ?? 0)
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
function contains(container: Value, item: Value, budget: Budget): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw new TemplateError(
        'TypeError',
        `'in <string>' requires string as left operand, not ${typeName(item)}`,
      )
    budget.spendText(container.length)
    return container.includes(item)
  }
  if (isKind(container, 'list') || isKind(container, 'tuple'))
    return container.items.some((each) => isEqual(each, item, budget))
  if (isKind(container, 'set'))
    // Python looks for a set as if it were frozen, which could be a member.
    return !isKind(item, 'set') && container.members.has(hashKey(item, budget))
  if (isKind(container, 'dict')) return container.entries.has(hashKey(item, budget))
  throw new TemplateError('TypeError', `argument of type '${typeName(container)}' is not iterable`)
}
