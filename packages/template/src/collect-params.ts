// Which parameters a template has: drives the docs, OpenAPI and the clients' code generation (spec 5.5).
import type { CallExpression, Expression, Target, TemplateNode } from './ast.ts'
import { builtin } from './builtins.ts'
import { helperFunction } from './helper-functions.ts'
import { provenDefined } from './proven-defined.ts'
import type { TemplateParam } from './rendered.ts'
import { TemplateError } from './template-error.ts'
import { scalarType } from './type-table.ts'
import { typedFunction } from './typed-functions.ts'

/** Names that the HTTP interface keeps for itself. */
const ILLEGAL: ReadonlySet<string> = new Set(['q', 'format'])

const METADATA = ['defined', 'required', 'description', 'enum', 'example', 'format'] as const

interface Draft {
  type: string | null
  isOptional: boolean
  isEmitted: boolean
  /** Something uses its value where nothing asked before whether it was sent. */
  isNeeded: boolean
  default: unknown
  description: string | null
  enum: readonly unknown[] | null
  example: unknown
  format: string | null
  order: number | null
}

/** Finds the parameters of a parsed template. @throws fault `template.error` for a name that may not be one. */
export function collectParams(nodes: readonly TemplateNode[]): TemplateParam[] {
  const collector = new Collector()
  collector.nodes(nodes)
  return [...collector.drafts].map(([name, draft]) => ({
    name,
    type: draft.type ?? 'String',
    required: !draft.isOptional && draft.isNeeded,
    default: draft.default,
    description: draft.description,
    enum: draft.enum,
    example: draft.example,
    format: draft.format,
    order: draft.order,
    usedIn: isUsed(draft) ? null : 'function_call',
    onlyIfDefined: !draft.isOptional && isUsed(draft) && !draft.isNeeded,
  }))
}

function isUsed({ type, isEmitted }: Draft): boolean {
  return type !== null || isEmitted
}

class Collector {
  readonly drafts = new Map<string, Draft>()
  readonly #locals = new Set<string>()
  /** Parameters that were sent, or what is looked at is not reached. */
  #sent: readonly string[] = []

  nodes(nodes: readonly TemplateNode[]): void {
    for (const node of nodes) this.#node(node)
  }

  #node(node: TemplateNode): void {
    switch (node.node) {
      case 'emit':
      case 'raw':
        this.#expression(node.expression, true)
        break
      case 'run':
        this.#expression(node.expression, false)
        break
      case 'set':
        this.#expression(node.value, false)
        this.#target(node.target)
        break
      case 'if':
        this.#branches(node.branches)
        break
      case 'for':
        this.#expression(node.source, false)
        this.#target(node.target)
        this.nodes(node.body)
        this.nodes(node.otherwise)
        break
      case 'while':
        this.#expression(node.test, false)
        this.nodes(node.body)
        this.nodes(node.otherwise)
        break
      case 'try':
        this.nodes(node.body)
        for (const { as, body } of node.handlers) {
          if (as !== null) this.#locals.add(as)
          this.nodes(body)
        }
        this.nodes(node.otherwise)
        this.nodes(node.last)
        break
      case 'text':
      case 'break':
      case 'continue':
    }
  }

  #branches(branches: Extract<TemplateNode, { node: 'if' }>['branches']): void {
    /** When none of the branches before was taken. */
    const sent: string[] = []
    for (const { test, body } of branches) {
      if (test !== null) this.#under(sent, () => this.#expression(test, false))
      const taken = test === null ? [] : provenDefined(test, true)
      this.#under([...sent, ...taken], () => this.nodes(body))
      if (test !== null) sent.push(...provenDefined(test, false))
    }
  }

  #under(sent: readonly string[], look: () => void): void {
    const before = this.#sent
    this.#sent = [...before, ...sent]
    look()
    this.#sent = before
  }

  #target(target: Target): void {
    if (target.target === 'name') this.#locals.add(target.name)
    else if (target.target === 'tuple') for (const item of target.items) this.#target(item)
    else {
      this.#expression(target.object, false)
      this.#expression(target.index, false)
    }
  }

  #expression(expression: Expression, isEmitted: boolean): void {
    if (expression.node === 'call') {
      this.#call(expression)
      return
    }
    if (expression.node === 'name') {
      if (!isFunction(expression.name)) this.#use(expression.name, expression.line, isEmitted)
      return
    }
    if (expression.node === 'conditional') {
      const { test, yes, no } = expression
      this.#expression(test, isEmitted)
      this.#under(provenDefined(test, true), () => this.#expression(yes, isEmitted))
      this.#under(provenDefined(test, false), () => this.#expression(no, isEmitted))
      return
    }
    if (expression.node === 'logic') {
      const { left, right, operator } = expression
      this.#expression(left, isEmitted)
      // The right side is looked at when the left one was true, of an `or` when it was not.
      this.#under(provenDefined(left, operator === 'and'), () => this.#expression(right, isEmitted))
      return
    }
    if (expression.node === 'comprehension') {
      for (const { source, target } of expression.clauses) {
        this.#expression(source, false)
        this.#target(target)
      }
    }
    for (const child of children(expression)) this.#expression(child, isEmitted)
  }

  #call(call: CallExpression): void {
    const { callee } = call
    const name = callee.node === 'name' ? callee.name : null
    if (name === null) this.#expression(callee, false)
    // It asks whether its argument was sent, however that is read.
    if (name === 'defined')
      this.#under(provenDefined(call, true), () => {
        this.#arguments(call, null)
      })
    else this.#arguments(call, name)
  }

  #arguments(call: CallExpression, name: string | null): void {
    const { args, keywords } = call
    const subject = args[0] === undefined ? null : leftmostName(args[0])
    const isTyped = name !== null && typedFunction(name) !== undefined && subject !== null
    if (isTyped) this.#declare(subject.name, name, call)
    if (name === 'split_to_array' && args[0]?.node === 'name') this.#describe(args[0].name, call)
    for (const [index, arg] of args.entries()) {
      if (index === 0 && isTyped && arg.node === 'name') continue
      this.#expression(arg, false)
    }
    for (const { value } of keywords) this.#expression(value, false)
  }

  #use(name: string, line: number, isEmitted: boolean): Draft | null {
    if (ILLEGAL.has(name))
      throw new TemplateError(
        'SyntaxError',
        `"${name}" can not be used as a variable name, line ${String(line)}`,
        null,
        line,
      )
    if (this.#locals.has(name)) return null
    const found = this.drafts.get(name)
    const draft = found ?? {
      type: null,
      isOptional: false,
      isEmitted,
      isNeeded: false,
      default: null,
      description: null,
      enum: null,
      example: null,
      format: null,
      order: null,
    }
    draft.isEmitted ||= isEmitted
    draft.isNeeded ||= isEmitted && !this.#sent.includes(name)
    if (found === undefined) this.drafts.set(name, draft)
    return draft
  }

  /** A use in a typed function: the last one says the type. */
  #declare(name: string, fn: string, call: CallExpression): void {
    const draft = this.#use(name, call.line, false)
    if (draft === null) return
    draft.isNeeded ||= !this.#sent.includes(name)
    const argument = argumentsOf(fn, call)
    draft.type = typeOf(fn, argument.get('_type'))
    describe(draft, argument)
  }

  /** A use in a function that takes a default and a description, but says no type. */
  #describe(name: string, call: CallExpression): void {
    const draft = this.#use(name, call.line, false)
    if (draft !== null) describe(draft, argumentsOf('split_to_array', call))
  }
}

/** Adds what the arguments of a call tell; what an earlier use told stays. */
function describe(draft: Draft, argument: ReadonlyMap<string, Expression>): void {
  const otherwise = argument.get('default')
  const isNone = otherwise?.node === 'constant' && otherwise.value === null
  if (otherwise !== undefined && !isNone) {
    draft.isOptional = true
    draft.default ??= literal(otherwise)
  }
  if (isFalse(argument.get('required')) || isFalse(argument.get('defined'))) draft.isOptional = true
  draft.description ??= text(argument.get('description'))
  draft.format ??= text(argument.get('format'))
  draft.example ??= literalOrNull(argument.get('example'))
  const order = literalOrNull(argument.get('order'))
  if (typeof order === 'number') draft.order ??= order
  const options = literalOrNull(argument.get('enum'))
  if (Array.isArray(options)) draft.enum ??= options
}

function argumentsOf(fn: string, { args, keywords }: CallExpression): Map<string, Expression> {
  const names =
    fn === 'Array'
      ? ['x', '_type', 'default', ...METADATA]
      : fn === 'columns'
        ? ['x', 'default', 'fn', ...METADATA]
        : ['x', 'default', ...METADATA]
  const found = new Map<string, Expression>()
  for (const [index, arg] of args.entries()) found.set(names[index] ?? '', arg)
  for (const { name, value } of keywords) found.set(name, value)
  return found
}

function typeOf(fn: string, element: Expression | undefined): string {
  if (fn === 'JSON') return 'JSON'
  if (fn !== 'Array') return scalarType(fn)?.name ?? 'String'
  const name =
    element?.node === 'constant'
      ? String(element.value)
      : element?.node === 'name'
        ? element.name
        : 'String'
  return `Array(${scalarType(name)?.name ?? name})`
}

/** `x`, or the x of `x + 'abc'`. */
function leftmostName(expression: Expression): { readonly name: string } | null {
  if (expression.node === 'name') return expression
  return expression.node === 'binary' ? leftmostName(expression.left) : null
}

function isFunction(name: string): boolean {
  return (
    name === 'defined' ||
    builtin(name) !== undefined ||
    typedFunction(name) !== undefined ||
    helperFunction(name) !== undefined
  )
}

function isFalse(expression: Expression | undefined): boolean {
  return expression?.node === 'constant' && (expression.value === false || expression.value === 0n)
}

function text(expression: Expression | undefined): string | null {
  return expression?.node === 'constant' && typeof expression.value === 'string'
    ? expression.value
    : null
}

function literalOrNull(expression: Expression | undefined): unknown {
  return expression === undefined ? null : literal(expression)
}

/** A literal as JSON; integers above 2^53-1 as text; null for what is no literal. */
function literal(expression: Expression): unknown {
  if (expression.node === 'constant') {
    return typeof expression.value === 'bigint' ? integer(expression.value) : expression.value
  }
  if (expression.node === 'unary') {
    const value = literal(expression.operand)
    if (expression.operator !== '-') return expression.operator === '+' ? value : null
    return typeof value === 'number' ? -value : typeof value === 'string' ? `-${value}` : null
  }
  const isSequence =
    expression.node === 'list' || expression.node === 'tuple' || expression.node === 'set'
  return isSequence ? expression.items.map(literal) : null
}

function integer(value: bigint): number | string {
  return value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)
    ? String(value)
    : Number(value)
}

function children(expression: Expression): readonly Expression[] {
  switch (expression.node) {
    case 'constant':
    case 'name':
      return []
    case 'list':
    case 'tuple':
    case 'set':
      return expression.items
    case 'dict':
      return expression.pairs.flat()
    case 'braced':
      return [expression.inner]
    case 'unary':
      return [expression.operand]
    case 'binary':
    case 'logic':
      return [expression.left, expression.right]
    case 'compare':
      return [expression.first, ...expression.rest.map(({ right }) => right)]
    case 'conditional':
      return [expression.test, expression.yes, expression.no]
    case 'attribute':
      return [expression.object]
    case 'index':
      return [expression.object, expression.index]
    case 'slice':
      return [expression.object, expression.start, expression.stop, expression.step].filter(
        (each) => each !== null,
      )
    case 'comprehension':
      return [
        ...(expression.key === null ? [] : [expression.key]),
        expression.item,
        ...expression.clauses.flatMap(({ conditions }) => conditions),
      ]
    case 'call':
      return [
        expression.callee,
        ...expression.args,
        ...expression.keywords.map(({ value }) => value),
      ]
  }
}
