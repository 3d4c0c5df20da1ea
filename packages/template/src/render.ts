// Rendering: text pieces pass unchanged, values pass through escape-literal.ts. Bounded in steps and in output.
import type { Branch, Handler, Template, TemplateNode } from './ast.ts'
import { Budget } from './budget.ts'
import { checkValues, type ValueRange } from './check-values.ts'
import { valueSql } from './escape-literal.ts'
import { Evaluator } from './evaluate.ts'
import type { RenderOptions, Rendering } from './interpreter.ts'
import { iterate } from './iterate.ts'
import { binary } from './operators.ts'
import { plainLiteral } from './plain-literal.ts'
import { readParams } from './read-params.ts'
import { givesNamedText } from './raw-names.ts'
import type { ParamValues, Rendered, TemplateParam } from './rendered.ts'
import { CAUGHT_STEPS, LimitReached, TemplateError, toFault } from './template-error.ts'
import { truthy, type Value } from './values.ts'

const STEPS_MAX = 1_000_000
const OUTPUT_MAX = 1_048_576

/** Shapes of one template whose values are known to stand in places of their own: the text is not read again for the same with others. */
const SHAPES_MAX = 32
const wholeShapes = new WeakMap<Template, Set<string>>()

/**
 * Renders a template to SQL. Every value becomes one escaped literal or identifier; secrets become engine parameters.
 * Deterministic: the same template, parameters and options give the same SQL.
 * @throws fault `template.error` (400, or the status of custom_error) for missing or wrong parameters, errors raised by the
 * template, and for more than `stepsMax` steps or `outputMax` characters; `place` of its details says at which line of which node.
 */
export function renderTemplate(
  template: Template,
  params: ParamValues,
  options: RenderOptions = {},
): Rendered {
  const renderer = new Renderer(template, options)
  try {
    return renderer.render(template, params)
  } catch (error) {
    throw toFault(error, { node: template.name, line: renderer.line })
  }
}

/** The parameters of a template, in the order of their first use. */
export function templateParams(template: Template): readonly TemplateParam[] {
  return template.params
}

/** How a body ended. */
type Flow = 'next' | 'break' | 'continue'

class Renderer {
  readonly #rendering: Rendering
  readonly #outputMax: number
  readonly #forced: ReadonlySet<Branch>
  readonly #ranges: ValueRange[] = []
  readonly #literals: { start: number; end: number }[] = []
  #shape = ''
  #hasShape = true
  readonly #values = new Map<string, Value>()
  readonly #evaluator: Evaluator
  #output = ''

  constructor(template: Template, options: RenderOptions) {
    this.#outputMax = options.outputMax ?? OUTPUT_MAX
    this.#forced = options.forced ?? new Set()
    this.#rendering = {
      budget: options.budget ?? new Budget(options.stepsMax ?? STEPS_MAX),
      testMode: options.testMode ?? false,
      secrets: options.secrets ?? new Map<string, string>(),
      settings: new Map(),
      boundParams: new Map(),
      cacheTtlSeconds: null,
      line: 1,
      missing: () =>
        template.params
          .filter(({ name, required }) => required && (this.#values.get(name) ?? null) === null)
          .map(({ name }) => name),
    }
    this.#evaluator = new Evaluator(this.#rendering, this.#values)
  }

  /** The line at work, for errors. */
  get line(): number {
    return this.#rendering.line
  }

  render(template: Template, params: ParamValues): Rendered {
    const { budget } = this.#rendering
    for (const [name, value] of readParams(template.params, params, budget))
      this.#values.set(name, value)
    this.#body(template.nodes)
    const shape = this.#checkedShape(template)
    const { settings, boundParams, cacheTtlSeconds } = this.#rendering
    return {
      sql: this.#output,
      settings: Object.fromEntries(settings),
      cacheTtlSeconds,
      boundParams: Object.fromEntries(boundParams),
      steps: Math.ceil(budget.steps),
      literals: shape === null ? [] : this.#literals,
      shape,
    }
  }

  /** Null when some value lies inside a token: others of its kind could end that. */
  #checkedShape(template: Template): string | null {
    const known = wholeShapes.get(template) ?? new Set<string>()
    if (this.#hasShape && known.has(this.#shape)) return this.#shape
    if (!checkValues(this.#output, this.#ranges) || !this.#hasShape) return null
    if (known.size >= SHAPES_MAX) known.clear()
    wholeShapes.set(template, known.add(this.#shape))
    return this.#shape
  }

  #body(nodes: readonly TemplateNode[]): Flow {
    for (const node of nodes) {
      const flow = this.#node(node)
      if (flow !== 'next') return flow
    }
    return 'next'
  }

  #node(node: TemplateNode): Flow {
    this.#rendering.budget.spend(1)
    if (node.node === 'text') {
      this.#write(node.text)
      return 'next'
    }
    this.#rendering.line = node.line
    switch (node.node) {
      case 'emit':
        this.#emit(this.#evaluator.evaluate(node.expression), node.source, node.line)
        return 'next'
      case 'raw':
        this.#raw(node)
        return 'next'
      case 'run':
        this.#evaluator.evaluate(node.expression)
        return 'next'
      case 'set': {
        const value = this.#evaluator.evaluate(node.value)
        const made =
          node.operator === null
            ? value
            : binary(
                node.operator,
                this.#evaluator.read(node.target),
                value,
                this.#rendering.budget,
              )
        this.#evaluator.assign(node.target, made)
        return 'next'
      }
      case 'if': {
        const chosen =
          node.branches.find((branch) => this.#forced.has(branch)) ??
          node.branches.find(({ test }) => test === null || truthy(this.#evaluator.evaluate(test)))
        return chosen === undefined ? 'next' : this.#body(chosen.body)
      }
      case 'for':
        return this.#for(node)
      case 'while':
        return this.#while(node)
      case 'try':
        return this.#try(node)
      case 'break':
      case 'continue':
        return node.node
    }
  }

  #for(node: Extract<TemplateNode, { node: 'for' }>): Flow {
    // A copy, so that a body that appends to its own list ends.
    for (const item of [
      ...iterate(this.#evaluator.evaluate(node.source), this.#rendering.budget),
    ]) {
      this.#evaluator.assign(node.target, item)
      if (this.#body(node.body) === 'break') return 'next'
    }
    return this.#body(node.otherwise)
  }

  #while(node: Extract<TemplateNode, { node: 'while' }>): Flow {
    // A test that is a placeholder is always true: test mode turns a while body once.
    while (truthy(this.#evaluator.evaluate(node.test))) {
      if (this.#body(node.body) === 'break' || this.#rendering.testMode) return 'next'
    }
    return this.#body(node.otherwise)
  }

  #try(node: Extract<TemplateNode, { node: 'try' }>): Flow {
    let flow: Flow
    try {
      flow = this.#body(node.body)
      if (flow === 'next') flow = this.#body(node.otherwise)
    } catch (error) {
      const handler =
        error instanceof TemplateError
          ? node.handlers.find(({ types }) => takes(types, error))
          : undefined
      if (!(error instanceof TemplateError) || handler === undefined) throw error
      this.#rendering.budget.spend(CAUGHT_STEPS)
      flow = this.#handle(handler, error)
    }
    const last = this.#body(node.last)
    return last === 'next' ? flow : last
  }

  #handle({ as, body }: Handler, error: TemplateError): Flow {
    if (as !== null)
      this.#evaluator.assign(
        { target: 'name', name: as },
        { kind: 'exception', type: error.type, message: error.message },
      )
    return this.#body(body)
  }

  #emit(value: Value, source: string, line: number): void {
    this.#rendering.line = line
    if (value === null)
      throw new TemplateError(
        'ValueError',
        `expression "${source.slice(0, 20)}..." evaluated to null`,
      )
    const sql = valueSql(value, this.#rendering.budget)
    // `5 -{{x}}` with a negative x would begin a comment.
    if (sql.startsWith('-') && this.#output.endsWith('-')) this.#write(' ')
    const start = this.#output.length
    const literal = plainLiteral(sql)
    if (literal === null) this.#write(sql)
    else {
      this.#writeAs(sql, sql.slice(0, literal.start) + literal.mark + sql.slice(literal.end))
      this.#literals.push({ start: start + literal.start, end: start + literal.end })
    }
    if (sql !== '') this.#ranges.push({ start, end: this.#output.length, line })
  }

  /** Only the template's own text and typed values: a caller's text never reaches SQL unescaped. */
  #raw(node: Extract<TemplateNode, { node: 'raw' }>): void {
    const value = this.#evaluator.evaluate(node.expression)
    if (typeof value !== 'string') this.#emit(value, node.source, node.line)
    else if (givesNamedText(node.expression))
      throw new TemplateError(
        'ValueError',
        'raw can only write text of the template itself: wrap parameters in a type function',
      )
    else this.#write(value)
  }

  #write(text: string): void {
    // The mark of a literal: a text that holds it could be taken for another.
    if (text.includes('\u0001')) this.#hasShape = false
    this.#writeAs(text, text)
  }

  #writeAs(text: string, shape: string): void {
    if (this.#output.length + text.length > this.#outputMax)
      throw new LimitReached(
        `the template makes more than ${String(this.#outputMax)} characters of SQL`,
      )
    this.#output += text
    this.#shape += shape
  }
}

/** A handler without types, or with one that Python would match. */
function takes(types: readonly string[] | null, error: TemplateError): boolean {
  if (types === null) return true
  const parents = PARENTS.get(error.type) ?? ['ValueError']
  return types.some(
    (type) =>
      type === error.type ||
      type === 'Exception' ||
      type === 'BaseException' ||
      parents.includes(type),
  )
}

const PARENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['KeyError', ['LookupError']],
  ['IndexError', ['LookupError']],
  ['ZeroDivisionError', ['ArithmeticError']],
  ['OverflowError', ['ArithmeticError']],
  ['RecursionError', ['RuntimeError']],
  ['TypeError', []],
  ['ValueError', []],
  ['NameError', []],
  ['AttributeError', []],
])
