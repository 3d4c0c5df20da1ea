// The closed interpreter of expressions. It knows our values, our operators and three tables of functions, and nothing else:
// no name and no attribute leads to an object of JavaScript (attacks 3 and 37).
import type { CallArguments } from './arguments.ts'
import type { CallExpression, ComprehensionClause, Expression, Target } from './ast.ts'
import { builtin } from './builtins.ts'
import { collectionMethod } from './collection-methods.ts'
import { helperFunction } from './helper-functions.ts'
import { compare } from './compare.ts'
import type { Rendering, Runtime } from './interpreter.ts'
import { iterate } from './iterate.ts'
import { binary, unary } from './operators.ts'
import { itemAt, setItem, sliceOf } from './subscript.ts'
import { CAUGHT_STEPS, TemplateError } from './template-error.ts'
import { textMethod } from './text-methods.ts'
import { typedFunction } from './typed-functions.ts'
import {
  dict,
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

/** Characters of SQL made by our own functions that cost a step: escaping is dearer than copying. */
const SQL_PER_STEP = 8

/** Evaluates expressions of one rendering. */
export class Evaluator {
  readonly #rendering: Rendering
  readonly #runtime: Runtime
  readonly #params: ReadonlyMap<string, Value>
  readonly #locals = new Map<string, Value>()

  constructor(rendering: Rendering, params: ReadonlyMap<string, Value>) {
    this.#rendering = rendering
    this.#runtime = {
      budget: rendering.budget,
      apply: (fn, args) => this.#apply(fn, { args, keywords: new Map() }),
    }
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
        return set(
          expression.items.map((item) => this.evaluate(item)),
          this.#rendering.budget,
        )
      case 'dict':
        return dict(
          expression.pairs.map(
            ([key, value]) => [this.evaluate(key), this.evaluate(value)] as const,
          ),
          this.#rendering.budget,
        )
      case 'braced':
        return set([this.#hashable(this.evaluate(expression.inner))], this.#rendering.budget)
      case 'unary':
        return expression.operator === 'not'
          ? !truthy(this.evaluate(expression.operand))
          : unary(expression.operator, this.evaluate(expression.operand))
      case 'binary':
        return this.#binary(expression)
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
        return this.#index(expression)
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
      setItem(
        plain(this.evaluate(target.object)),
        this.evaluate(target.index),
        value,
        this.#rendering.budget,
      )
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
      return itemAt(
        plain(this.evaluate(target.object)),
        this.evaluate(target.index),
        this.#rendering.budget,
      )
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
    if (isFunction(name)) return { kind: 'function', name }
    return this.#rendering.testMode ? PLACEHOLDER : null
  }

  #hashable(value: Value): Value {
    const inner = plain(value)
    return isKind(inner, 'list') || isKind(inner, 'dict') || isKind(inner, 'set') ? true : inner
  }

  #binary(expression: Extract<Expression, { node: 'binary' }>): Value {
    const [left, right] = [this.evaluate(expression.left), this.evaluate(expression.right)]
    this.#rendering.line = expression.line
    return binary(expression.operator, left, right, this.#rendering.budget)
  }

  #compare({ first, rest, line }: Extract<Expression, { node: 'compare' }>): boolean {
    let left = this.evaluate(first)
    for (const { operator, right: source } of rest) {
      const right = this.evaluate(source)
      this.#rendering.line = line
      if (!compare(operator, left, right, this.#rendering.budget)) return false
      left = right
    }
    return true
  }

  #attribute(object: Value, name: string): Value {
    if (isKind(plain(object), 'placeholder')) return PLACEHOLDER
    throw noAttribute(object, name)
  }

  #index({ object, index, line }: Extract<Expression, { node: 'index' }>): Value {
    const [container, at] = [plain(this.evaluate(object)), this.evaluate(index)]
    this.#rendering.line = line
    return itemAt(container, at, this.#rendering.budget)
  }

  #slice(expression: Extract<Expression, { node: 'slice' }>): Value {
    const object = plain(this.evaluate(expression.object))
    const bound = (each: Expression | null): Value => (each === null ? null : this.evaluate(each))
    const bounds = {
      start: bound(expression.start),
      stop: bound(expression.stop),
      step: bound(expression.step),
    }
    this.#rendering.line = expression.line
    return sliceOf(object, bounds, this.#rendering.budget)
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
    try {
      this.#clauses(clauses, () => {
        if (key === null) values.push(this.evaluate(item))
        else pairs.push([this.evaluate(key), this.evaluate(item)])
      })
    } finally {
      // Its names are gone also when it fails inside of a try block.
      this.#locals.clear()
      for (const [name, value] of hidden) this.#locals.set(name, value)
    }
    const { budget } = this.#rendering
    return of === 'dict' ? dict(pairs, budget) : of === 'set' ? set(values, budget) : list(values)
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
    this.#rendering.line = call.line
    const name =
      callee.node === 'name'
        ? this.#functionName(callee.name, callee.line)
        : this.#functionValue(this.evaluate(callee))
    if (name === null) return PLACEHOLDER
    if (name === 'defined') return this.#defined(call)
    if (call.args.length === 0 && call.keywords.length === 0 && typedFunction(name) !== undefined) {
      throw new TemplateError(
        'TypeError',
        'one of the transform type functions is missing an argument',
      )
    }
    const given = this.#arguments(call)
    this.#rendering.line = call.line
    return this.#invoke(name, given)
  }

  #invoke(name: string, call: CallArguments): Value {
    const known = typedFunction(name) ?? helperFunction(name)
    if (known !== undefined) {
      this.#spendArguments(call)
      const made = known(call, this.#rendering)
      if (isKind(made, 'typed')) this.#rendering.budget.spend(made.sql.length / SQL_PER_STEP)
      return made
    }
    const python = builtin(name)
    if (python === undefined) throw notAFunction(name, this.#rendering.line)
    return python(call, this.#runtime)
  }

  /** Our own functions read the text they are given, whatever they make of it. */
  #spendArguments({ args, keywords }: CallArguments): void {
    for (const value of [...args, ...keywords.values()]) {
      const inner = plain(value)
      if (typeof inner === 'string') this.#rendering.budget.spendText(inner.length)
    }
  }

  /** Calls a function that is a value: `map(int, x)`. */
  #apply(fn: Value, call: CallArguments): Value {
    this.#rendering.budget.spend(1)
    const name = this.#functionValue(fn)
    if (name === null) return PLACEHOLDER
    if (name === 'defined') return plain(call.args[0] ?? null) !== null
    return this.#invoke(name, call)
  }

  #functionName(name: string, line: number): string | null {
    const local = this.#locals.get(name)
    if (local !== undefined) return this.#functionValue(local)
    if (name === 'length') this.#name(name)
    if (isFunction(name)) return name
    throw notAFunction(name, line)
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
      if (!(error instanceof TemplateError) || error.type !== 'RequiredError') throw error
      this.#rendering.budget.spend(CAUGHT_STEPS)
      return false
    }
  }

  #method(callee: Extract<Expression, { node: 'attribute' }>, call: CallExpression): Value {
    const object = plain(this.evaluate(callee.object))
    const { budget } = this.#rendering
    if (isKind(object, 'placeholder')) return PLACEHOLDER
    if (typeof object === 'string') {
      const method = textMethod(callee.name)
      if (method !== undefined) {
        const given = this.#arguments(call)
        this.#spendArguments(given)
        budget.spendText(object.length)
        this.#rendering.line = call.line
        return method(object, given, budget)
      }
    } else if (
      isKind(object, 'list') ||
      isKind(object, 'tuple') ||
      isKind(object, 'dict') ||
      isKind(object, 'set')
    ) {
      const method = collectionMethod(object, callee.name)
      if (method !== undefined) {
        const given = this.#arguments(call)
        this.#rendering.line = call.line
        return method(given, this.#runtime)
      }
    }
    this.#rendering.line = call.line
    throw noAttribute(object, callee.name)
  }
}

function isFunction(name: string): boolean {
  return (
    name === 'defined' ||
    typedFunction(name) !== undefined ||
    helperFunction(name) !== undefined ||
    builtin(name) !== undefined
  )
}

function notAFunction(name: string, line: number): TemplateError {
  return new TemplateError('NameError', `'${name}' is not a valid function, line ${String(line)}`)
}

function noAttribute(object: Value, name: string): TemplateError {
  const hint =
    name === 'get' ? ". Make sure you're using an object/dictionary where trying to use .get()" : ''
  return new TemplateError(
    'AttributeError',
    `'${typeName(object)}' object has no attribute '${name}'${hint}`,
  )
}
