// The closed interpreter of expressions. It knows our values, our operators and three tables of functions, and nothing else:
// no name and no attribute leads to an object of JavaScript (attacks 3 and 37).
import type { CallArguments } from './arguments.ts'
import { indexOf } from './arguments.ts'
import type { CallExpression, ComprehensionClause, Expression, Target } from './ast.ts'
import { builtin } from './builtins.ts'
import { collectionMethod } from './collection-methods.ts'
import { helperFunction } from './helper-functions.ts'
import type { Rendering } from './interpreter.ts'
import { iterate } from './iterate.ts'
import { binary, compare, unary } from './operators.ts'
import { characters, pyRepr, pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { textMethod } from './text-methods.ts'
import { typedFunction } from './typed-functions.ts'
import {
  dict,
  hashKey,
  isKind,
  list,
  plain,
  PLACEHOLDER,
  set,
  truthy,
  tuple,
  typeName,
  type Value,
} from './values.ts'

/** Evaluates expressions of one rendering. */
export class Evaluator {
  readonly #rendering: Rendering
  readonly #params: ReadonlyMap<string, Value>
  readonly #locals = new Map<string, Value>()

  constructor(rendering: Rendering, params: ReadonlyMap<string, Value>) {
    this.#rendering = rendering
    this.#params = params
  }

  /** @throws TemplateError | LimitReached. */
  evaluate(expression: Expression): Value {
    this.#rendering.budget.spend(1)
    switch (expression.node) {
      case 'constant':
        return expression.value
      case 'name':
        return this.#name(expression.name)
      case 'list':
        return list(expression.items.map((item) => this.evaluate(item)))
      case 'tuple':
        return tuple(expression.items.map((item) => this.evaluate(item)))
      case 'set':
        return set(expression.items.map((item) => this.evaluate(item)))
      case 'dict':
        return dict(
          expression.pairs.map(
            ([key, value]) => [this.evaluate(key), this.evaluate(value)] as const,
          ),
        )
      case 'braced':
        return set([this.#hashable(this.evaluate(expression.inner))])
      case 'unary':
        return expression.operator === 'not'
          ? !truthy(this.evaluate(expression.operand))
          : unary(expression.operator, this.evaluate(expression.operand))
      case 'binary':
        return binary(
          expression.operator,
          this.evaluate(expression.left),
          this.evaluate(expression.right),
          this.#rendering.budget,
        )
      case 'logic': {
        const left = this.evaluate(expression.left)
        return truthy(left) === (expression.operator === 'or')
          ? left
          : this.evaluate(expression.right)
      }
      case 'compare':
        return this.#compare(expression)
      case 'conditional':
        return this.evaluate(
          truthy(this.evaluate(expression.test)) ? expression.yes : expression.no,
        )
      case 'attribute':
        return this.#attribute(this.evaluate(expression.object), expression.name)
      case 'index':
        return this.#index(this.evaluate(expression.object), this.evaluate(expression.index))
      case 'slice':
        return this.#slice(expression)
      case 'comprehension':
        return this.#comprehension(expression)
      case 'call':
        return this.#call(expression)
    }
  }

  /** Gives a value to a target: names, tuples of names, or an item of a list or dictionary. */
  assign(target: Target, value: Value): void {
    if (target.target === 'name') this.#locals.set(target.name, value)
    else if (target.target === 'index')
      this.#assignIndex(this.evaluate(target.object), this.evaluate(target.index), value)
    else if (isKind(plain(value), 'placeholder'))
      for (const item of target.items) this.assign(item, value)
    else {
      const items = iterate(value, this.#rendering.budget)
      const [wanted, got] = [target.items.length, items.length]
      if (got < wanted)
        throw new TemplateError(
          'ValueError',
          `not enough values to unpack (expected ${String(wanted)}, got ${String(got)})`,
        )
      if (got > wanted)
        throw new TemplateError(
          'ValueError',
          `too many values to unpack (expected ${String(wanted)})`,
        )
      for (const [index, item] of target.items.entries()) this.assign(item, items[index] ?? null)
    }
  }

  /** The present value of a target, for `+=`. */
  read(target: Target): Value {
    if (target.target === 'name') return this.#name(target.name)
    if (target.target === 'index')
      return this.#index(this.evaluate(target.object), this.evaluate(target.index))
    throw new TemplateError(
      'TypeError',
      "'tuple' is an illegal expression for augmented assignment",
    )
  }

  #name(name: string): Value {
    if (name === 'length')
      throw new TemplateError(
        'NameError',
        'length cannot be used as a variable name or as a function inside of a template',
      )
    const local = this.#locals.get(name)
    if (local !== undefined) return local
    const sent = this.#params.get(name)
    if (sent !== undefined && sent !== null) return sent
    if (name === 'defined' || findFunction(name) !== undefined) return { kind: 'function', name }
    return this.#rendering.testMode ? PLACEHOLDER : null
  }

  #hashable(value: Value): Value {
    const inner = plain(value)
    return isKind(inner, 'list') || isKind(inner, 'dict') || isKind(inner, 'set') ? true : inner
  }

  #compare({ first, rest }: Extract<Expression, { node: 'compare' }>): boolean {
    let left = this.evaluate(first)
    for (const { operator, right: source } of rest) {
      const right = this.evaluate(source)
      if (operator === 'in' || operator === 'not in') this.#rendering.budget.spend(size(right) / 16)
      if (!compare(operator, left, right)) return false
      left = right
    }
    return true
  }

  #attribute(object: Value, name: string): Value {
    if (isKind(plain(object), 'placeholder')) return PLACEHOLDER
    throw noAttribute(object, name)
  }

  #index(given: Value, index: Value): Value {
    const object = plain(given)
    if (isKind(object, 'placeholder')) return PLACEHOLDER
    if (isKind(object, 'dict')) {
      const found = object.entries.get(hashKey(index))
      if (found === undefined) throw new TemplateError('KeyError', pyRepr(index))
      return found[1]
    }
    const items = sequence(object)
    if (items === null)
      throw new TemplateError('TypeError', `'${typeName(object)}' object is not subscriptable`)
    const at = position(index, typeName(object))
    const item = items[at < 0 ? at + items.length : at]
    if (item === undefined || at < -items.length) throw outOfRange(object)
    return item
  }

  #assignIndex(given: Value, index: Value, value: Value): void {
    const object = plain(given)
    if (isKind(object, 'dict')) object.entries.set(hashKey(index), [index, value])
    else if (isKind(object, 'list')) {
      const at = position(index, 'list')
      const place = at < 0 ? at + object.items.length : at
      if (place < 0 || place >= object.items.length)
        throw new TemplateError('IndexError', 'list assignment index out of range')
      object.items[place] = value
    } else
      throw new TemplateError(
        'TypeError',
        `'${typeName(object)}' object does not support item assignment`,
      )
  }

  #slice(expression: Extract<Expression, { node: 'slice' }>): Value {
    const object = plain(this.evaluate(expression.object))
    if (isKind(object, 'placeholder')) return PLACEHOLDER
    const items = sequence(object)
    if (items === null)
      throw new TemplateError('TypeError', `'${typeName(object)}' object is not subscriptable`)
    const bound = (each: Expression | null): number | null => {
      const value = each === null ? null : this.evaluate(each)
      return value === null || isKind(value, 'placeholder') ? null : position(value, 'slice')
    }
    const part = sliced<Value>(
      items,
      bound(expression.start),
      bound(expression.stop),
      bound(expression.step) ?? 1,
    )
    this.#rendering.budget.spend(part.length / 8)
    if (typeof object === 'string') return part.map(pyStr).join('')
    return isKind(object, 'tuple') ? tuple(part) : list(part)
  }

  #comprehension({
    of,
    key,
    item,
    clauses,
  }: Extract<Expression, { node: 'comprehension' }>): Value {
    const values: Value[] = []
    const pairs: (readonly [Value, Value])[] = []
    const hidden = new Map(this.#locals)
    this.#rendering.budget.spend(hidden.size)
    this.#clauses(clauses, () => {
      if (key === null) values.push(this.evaluate(item))
      else pairs.push([this.evaluate(key), this.evaluate(item)])
    })
    this.#locals.clear()
    for (const [name, value] of hidden) this.#locals.set(name, value)
    return of === 'dict' ? dict(pairs) : of === 'set' ? set(values) : list(values)
  }

  #clauses([first, ...rest]: readonly ComprehensionClause[], visit: () => void): void {
    if (first === undefined) {
      visit()
      return
    }
    for (const value of iterate(this.evaluate(first.source), this.#rendering.budget)) {
      this.assign(first.target, value)
      if (first.conditions.every((condition) => truthy(this.evaluate(condition))))
        this.#clauses(rest, visit)
    }
  }

  #call(call: CallExpression): Value {
    const { callee } = call
    if (callee.node === 'attribute') return this.#method(callee, call)
    const name =
      callee.node === 'name'
        ? this.#functionName(callee.name, callee.line)
        : this.#functionValue(this.evaluate(callee))
    if (name === null) return PLACEHOLDER
    if (name === 'defined') return this.#defined(call)
    const fn = findFunction(name)
    if (fn === undefined)
      throw new TemplateError(
        'NameError',
        `'${name}' is not a valid function, line ${String(call.line)}`,
      )
    if (call.args.length === 0 && call.keywords.length === 0 && typedFunction(name) !== undefined) {
      throw new TemplateError(
        'TypeError',
        'one of the transform type functions is missing an argument',
      )
    }
    return fn(this.#arguments(call), this.#rendering)
  }

  #functionName(name: string, line: number): string | null {
    const local = this.#locals.get(name)
    if (local !== undefined) return this.#functionValue(local)
    if (name === 'length') this.#name(name)
    if (name === 'defined' || findFunction(name) !== undefined) return name
    throw new TemplateError('NameError', `'${name}' is not a valid function, line ${String(line)}`)
  }

  #functionValue(value: Value): string | null {
    if (isKind(value, 'function')) return value.name
    if (isKind(plain(value), 'placeholder')) return null
    throw new TemplateError('TypeError', `'${typeName(value)}' object is not callable`)
  }

  #arguments({ args, keywords }: CallExpression): CallArguments {
    return {
      args: args.map((arg) => this.evaluate(arg)),
      keywords: new Map(keywords.map(({ name, value }) => [name, this.evaluate(value)])),
    }
  }

  /** True when the parameter was sent. Looks through old-style braces and typed functions, whose error means "not sent". */
  #defined({ args, keywords }: CallExpression): boolean {
    const [first, ...more] = args
    if (first === undefined || more.length > 0 || keywords.length > 0)
      throw new TemplateError('TypeError', 'defined() takes exactly 1 argument')
    try {
      const value = this.evaluate(first.node === 'braced' ? first.inner : first)
      return !isKind(value, 'function') && value !== null && plain(value) !== null
    } catch (error) {
      if (error instanceof TemplateError && error.type === 'RequiredError') return false
      throw error
    }
  }

  #method(callee: Extract<Expression, { node: 'attribute' }>, call: CallExpression): Value {
    const given = this.evaluate(callee.object)
    const object = plain(given)
    const { budget } = this.#rendering
    if (isKind(object, 'placeholder')) return PLACEHOLDER
    if (typeof object === 'string') {
      const method = textMethod(callee.name)
      if (method !== undefined) {
        budget.spendText(object.length)
        return method(object, this.#arguments(call), budget)
      }
    } else if (
      isKind(object, 'list') ||
      isKind(object, 'tuple') ||
      isKind(object, 'dict') ||
      isKind(object, 'set')
    ) {
      const method = collectionMethod(object, callee.name)
      if (method !== undefined) return method(this.#arguments(call), budget)
    }
    throw noAttribute(object, callee.name)
  }
}

function findFunction(
  name: string,
): ((call: CallArguments, rendering: Rendering) => Value) | undefined {
  const known = typedFunction(name) ?? helperFunction(name)
  if (known !== undefined) return known
  const python = builtin(name)
  return python === undefined ? undefined : (call, rendering) => python(call, rendering.budget)
}

function size(given: Value): number {
  const value = plain(given)
  if (typeof value === 'string') return value.length
  return isKind(value, 'list') || isKind(value, 'tuple') ? value.items.length : 1
}

function sequence(value: Value): readonly Value[] | null {
  if (typeof value === 'string') return characters(value)
  return isKind(value, 'list') || isKind(value, 'tuple') ? value.items : null
}

function position(index: Value, what: string): number {
  const value = plain(index)
  if (typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new TemplateError('TypeError', `${what} indices must be integers, not ${typeName(value)}`)
  return indexOf(value, what)
}

function sliced<Item>(
  items: readonly Item[],
  start: number | null,
  stop: number | null,
  step: number,
): Item[] {
  if (step === 0) throw new TemplateError('ValueError', 'slice step cannot be zero')
  const size = items.length
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1]
  const clamp = (at: number | null, otherwise: number): number =>
    at === null ? otherwise : Math.min(Math.max(at < 0 ? at + size : at, low), high)
  const [from, to] = [clamp(start, step > 0 ? low : high), clamp(stop, step > 0 ? high : low)]
  const part: Item[] = []
  for (let at = from; step > 0 ? at < to : at > to; at += step)
    part.push(...items.slice(at, at + 1))
  return part
}

function outOfRange(object: Value): TemplateError {
  const what = typeof object === 'string' ? 'string' : typeName(object)
  const hint =
    what === 'string'
      ? '. Check that the parameter has enough characters, or that it is a list: wrap it in Array() or split it'
      : ''
  return new TemplateError('IndexError', `${what} index out of range${hint}`)
}

function noAttribute(object: Value, name: string): TemplateError {
  const hint =
    name === 'get' ? ". Make sure you're using an object/dictionary where trying to use .get()" : ''
  return new TemplateError(
    'AttributeError',
    `'${typeName(object)}' object has no attribute '${name}'${hint}`,
  )
}
