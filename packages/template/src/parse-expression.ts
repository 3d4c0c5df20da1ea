// Python expressions by recursive descent, Python's precedence. What is refused here does not exist in the language: lambda,
// walrus, power, matrix product, star arguments, f-strings.
import { lexExpression, type ExpressionToken } from './lex-expression.ts'
import { syntaxError } from './template-error.ts'
import type {
  BinaryOperator,
  CompareOperator,
  ComprehensionClause,
  Expression,
  Target,
} from './ast.ts'

const KEYWORDS: ReadonlySet<string> = new Set(
  'and or not in is if else for lambda None True False import from as while try except finally with yield return def class pass del global assert raise async await'.split(
    ' ',
  ),
)

/** Nested brackets and operators an expression may have. */
const DEPTH_MAX = 100

/** Operators, calls and operands in one expression. */
const LINKS_MAX = 2000

/** How tight the binary operators bind. */
const TIGHTNESS: ReadonlyMap<string, number> = new Map([
  ['|', 1],
  ['^', 2],
  ['&', 3],
  ['<<', 4],
  ['>>', 4],
  ['+', 5],
  ['-', 5],
  ['*', 6],
  ['/', 6],
  ['//', 6],
  ['%', 6],
])
const COMPARE: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['None', null],
  ['True', true],
  ['False', false],
])
/** What follows an expression that is complete. */
const CLOSERS: ReadonlySet<string> = new Set([',', ')', ']', '}', ''])
const END: ExpressionToken = { kind: 'end', text: '', line: 1 }

/** Parser of one tag's expression(s). Use the exported functions of parse-template.ts for whole templates. */
export class ExpressionParser {
  readonly #tokens: readonly ExpressionToken[]
  readonly #line: number
  readonly #errorStart: string
  #token: ExpressionToken
  #next = 0
  #depth = 0
  #links = 0

  /** @param errorStart how errors about what stands where it may not begin. */
  constructor(source: string, line: number, errorStart = 'invalid syntax') {
    this.#line = line
    this.#errorStart = errorStart
    this.#tokens = lexExpression(source, line)
    this.#token = this.#tokens[0] ?? END
  }

  /** `a, b` without brackets is a tuple. */
  expressions(): Expression {
    const first = this.expression()
    if (!this.#is(',')) return first
    const items = [first]
    while (this.#accept(',')) {
      if (this.#token.kind === 'end' || this.#is(')') || this.#is('=')) break
      items.push(this.expression())
    }
    return { node: 'tuple', items, line: first.line }
  }

  expression(): Expression {
    const { kind } = this.#token
    // Most expressions are one name or constant: no need to look for all operators in turn.
    const isAlone = kind !== 'operator' && CLOSERS.has(this.#tokens[this.#next + 1]?.text ?? '')
    if (isAlone && kind !== 'end') return this.#atom()
    this.#depth++
    if (this.#depth > DEPTH_MAX) throw syntaxError('expression is nested too deep', this.#line)
    const yes = this.#or()
    let result = yes
    if (this.#accept('if')) {
      const test = this.#or()
      this.#expect('else')
      result = { node: 'conditional', test, yes, no: this.expression(), line: yes.line }
    }
    this.#depth--
    return result
  }

  /** The targets of `for` and `set`: names, tuples of them, or `name[index]`. */
  target(): Target {
    const first = this.#oneTarget()
    if (!this.#is(',')) return first
    const items = [first]
    while (this.#accept(',')) {
      if (this.#is('in') || this.#is('=')) break
      items.push(this.#oneTarget())
    }
    return { target: 'tuple', items }
  }

  /** Takes the token if it has this text. */
  accept(text: string): boolean {
    return this.#accept(text)
  }

  /** The next token's text when it is an assignment operator. */
  assignment(): BinaryOperator | '=' | null {
    const { kind, text } = this.#token
    if (kind !== 'operator') return null
    if (text === '=') return '='
    if (!/^(?:[-+*/%|&^]|\/\/|<<|>>)=$/.test(text)) return null
    return text.slice(0, -1) as BinaryOperator
  }

  /** Starts again at the first token. */
  rewind(): void {
    this.#next = -1
    this.#advance()
  }

  skip(): void {
    this.#advance()
  }

  end(): void {
    if (this.#token.kind !== 'end') throw this.#unexpected(this.#token)
  }

  #oneTarget(): Target {
    if (this.#accept('(')) {
      const inner = this.target()
      this.#expect(')')
      return inner
    }
    const expression = this.#postfix()
    if (expression.node === 'name') return { target: 'name', name: expression.name }
    if (expression.node === 'index')
      return { target: 'index', object: expression.object, index: expression.index }
    throw syntaxError('cannot assign to this expression', expression.line)
  }

  #or(): Expression {
    let left = this.#and()
    while (this.#accept('or'))
      left = {
        node: 'logic',
        operator: 'or',
        left,
        right: this.#linked(this.#and()),
        line: left.line,
      }
    return left
  }

  #and(): Expression {
    let left = this.#not()
    while (this.#accept('and'))
      left = {
        node: 'logic',
        operator: 'and',
        left,
        right: this.#linked(this.#not()),
        line: left.line,
      }
    return left
  }

  #not(): Expression {
    const { line } = this.#token
    let negations = 0
    while (this.#accept('not')) negations++
    let result = this.#comparison()
    if (negations > DEPTH_MAX) throw syntaxError('expression is nested too deep', this.#line)
    for (; negations > 0; negations--)
      result = { node: 'unary', operator: 'not', operand: result, line }
    return result
  }

  #comparison(): Expression {
    const first = this.#binary(1)
    let operator = this.#compareOperator()
    if (operator === null) return first
    const rest: { operator: CompareOperator; right: Expression }[] = []
    for (; operator !== null; operator = this.#compareOperator())
      rest.push({ operator, right: this.#binary(1) })
    return { node: 'compare', first, rest, line: first.line }
  }

  #compareOperator(): CompareOperator | null {
    const { kind, text } = this.#token
    if (kind === 'operator' && COMPARE.has(text)) {
      this.#advance()
      return text as CompareOperator
    }
    if (kind !== 'name') return null
    if (this.#accept('in')) return 'in'
    if (this.#accept('is')) return this.#accept('not') ? 'is not' : 'is'
    if (text === 'not' && this.#tokens[this.#next + 1]?.text === 'in') {
      this.#advance()
      this.#advance()
      return 'not in'
    }
    return null
  }

  /** Operators that bind at least this tight, from the left. */
  #binary(tightness: number): Expression {
    let left = this.#unary()
    for (;;) {
      const { kind, text } = this.#token
      const level = kind === 'operator' ? TIGHTNESS.get(text) : undefined
      if (level === undefined || level < tightness) return left
      this.#advance()
      this.#link()
      const right = this.#binary(level + 1)
      left = { node: 'binary', operator: text as BinaryOperator, left, right, line: left.line }
    }
  }

  #unary(): Expression {
    const { line } = this.#token
    const signs: ('-' | '+' | '~')[] = []
    for (let sign = this.#sign(); sign !== null; sign = this.#sign()) signs.push(sign)
    if (signs.length > DEPTH_MAX) throw syntaxError('expression is nested too deep', this.#line)
    let operand = this.#postfix()
    if (this.#is('**')) throw syntaxError('Invalid BinOp: Pow()', this.#token.line)
    if (this.#is('@')) throw syntaxError('Invalid BinOp: MatMult()', this.#token.line)
    for (const operator of signs.toReversed()) operand = { node: 'unary', operator, operand, line }
    return operand
  }

  #sign(): '-' | '+' | '~' | null {
    const { kind, text } = this.#token
    if (kind !== 'operator' || (text !== '-' && text !== '+' && text !== '~')) return null
    this.#advance()
    return text
  }

  #postfix(): Expression {
    let object = this.#atom()
    for (;;) {
      if (this.#is('.') || this.#is('[') || this.#is('(')) this.#link()
      if (this.#accept('.'))
        object = { node: 'attribute', object, name: this.#name(), line: object.line }
      else if (this.#accept('[')) object = this.#subscript(object)
      else if (this.#accept('(')) object = this.#call(object)
      else return object
    }
  }

  #subscript(object: Expression): Expression {
    const { line } = object
    const start = this.#is(':') ? null : this.expressions()
    if (start !== null && this.#accept(']')) return { node: 'index', object, index: start, line }
    this.#expect(':')
    const stop = this.#is(':') || this.#is(']') ? null : this.expression()
    const step = this.#accept(':') && !this.#is(']') ? this.expression() : null
    this.#expect(']')
    return { node: 'slice', object, start, stop, step, line }
  }

  #call(callee: Expression): Expression {
    const args: Expression[] = []
    const keywords: { name: string; value: Expression }[] = []
    const names = new Set<string>()
    while (!this.#accept(')')) {
      if (this.#is('*') || this.#is('**'))
        throw syntaxError('star arguments are not allowed', this.#token.line)
      const token = this.#token
      if (token.kind === 'name' && this.#tokens[this.#next + 1]?.text === '=') {
        if (KEYWORDS.has(token.text)) throw this.#unexpected(token)
        this.#advance()
        this.#advance()
        if (names.has(token.text))
          throw syntaxError(`keyword argument repeated: ${token.text}`, token.line)
        names.add(token.text)
        keywords.push({ name: token.text, value: this.expression() })
      } else {
        const item = this.expression()
        if (keywords.length > 0)
          throw syntaxError('positional argument follows keyword argument', token.line)
        args.push(this.#is('for') ? this.#comprehension('list', null, item) : item)
      }
      if (!this.#is(')')) this.#expect(',')
    }
    return { node: 'call', callee, args, keywords, line: callee.line }
  }

  #atom(): Expression {
    const token = this.#token
    const { line } = token
    if (token.kind === 'number') {
      this.#advance()
      return { node: 'constant', value: token.value, line }
    }
    if (token.kind === 'string') return this.#strings(line)
    if (token.kind === 'name') return this.#nameOrConstant(token, line)
    if (this.#accept('(')) return this.#bracketed(line)
    if (this.#accept('[')) return this.#items('list', ']', line)
    if (this.#accept('{')) return this.#braces(line)
    throw this.#unexpected(token)
  }

  #strings(line: number): Expression {
    let value = ''
    for (let token = this.#token; token.kind === 'string'; token = this.#advance())
      value += token.value
    return { node: 'constant', value, line }
  }

  #nameOrConstant(token: ExpressionToken, line: number): Expression {
    const constant = CONSTANTS.get(token.text)
    if (constant === undefined && KEYWORDS.has(token.text)) throw this.#unexpected(token)
    this.#advance()
    return constant === undefined
      ? { node: 'name', name: token.text, line }
      : { node: 'constant', value: constant, line }
  }

  #bracketed(line: number): Expression {
    if (this.#accept(')')) return { node: 'tuple', items: [], line }
    const first = this.expression()
    if (this.#is('for')) {
      const all = this.#comprehension('list', null, first)
      this.#expect(')')
      return all
    }
    if (this.#accept(')')) return first
    const items = [first]
    while (this.#accept(',')) if (!this.#is(')')) items.push(this.expression())
    this.#expect(')')
    return { node: 'tuple', items, line }
  }

  #items(node: 'list' | 'set', close: string, line: number, first?: Expression): Expression {
    const items = first === undefined ? [] : [first]
    while (!this.#is(close)) {
      if (items.length > 0) this.#expect(',')
      if (this.#is(close)) break
      items.push(this.expression())
      if (items.length === 1 && this.#is('for')) {
        const all = this.#comprehension(node, null, items[0] ?? this.#missing())
        this.#expect(close)
        return all
      }
    }
    this.#expect(close)
    return { node, items, line }
  }

  #braces(line: number): Expression {
    if (this.#accept('}')) return { node: 'dict', pairs: [], line }
    if (this.#accept('{')) return this.#doubled(line)
    const first = this.expression()
    if (!this.#accept(':')) {
      if (!this.#is('for')) return this.#items('set', '}', line, first)
      const all = this.#comprehension('set', null, first)
      this.#expect('}')
      return all
    }
    const pairs: [Expression, Expression][] = [[first, this.expression()]]
    if (this.#is('for')) {
      const all = this.#comprehension('dict', first, pairs[0]?.[1] ?? this.#missing())
      this.#expect('}')
      return all
    }
    while (this.#accept(',')) {
      if (this.#is('}')) break
      const key = this.expression()
      this.#expect(':')
      pairs.push([key, this.expression()])
    }
    this.#expect('}')
    return { node: 'dict', pairs, line }
  }

  /** `{{ expression }}` inside a tag, as old pipes write it. */
  #doubled(line: number): Expression {
    const inner = this.expression()
    this.#expect('}')
    this.#expect('}')
    return { node: 'braced', inner, line }
  }

  #comprehension(
    of: 'list' | 'set' | 'dict',
    key: Expression | null,
    item: Expression,
  ): Expression {
    const clauses: ComprehensionClause[] = []
    while (this.#accept('for')) {
      const target = this.target()
      this.#expect('in')
      const source = this.#or()
      const conditions: Expression[] = []
      while (this.#accept('if')) conditions.push(this.#or())
      clauses.push({ target, source, conditions })
    }
    return { node: 'comprehension', of, key, item, clauses, line: item.line }
  }

  /** Counts what makes the tree deeper, so that walking it never overflows the stack. */
  #link(): void {
    this.#links++
    if (this.#links > LINKS_MAX) throw syntaxError('expression is too long', this.#line)
  }

  #linked(expression: Expression): Expression {
    this.#link()
    return expression
  }

  #missing(): never {
    throw syntaxError('expression is missing', this.#line)
  }

  #name(): string {
    const token = this.#token
    if (token.kind !== 'name') throw this.#unexpected(token)
    this.#advance()
    return token.text
  }

  #advance(): ExpressionToken {
    this.#next++
    this.#token = this.#tokens[this.#next] ?? END
    return this.#token
  }

  #is(text: string): boolean {
    return this.#token.text === text && this.#token.kind !== 'string'
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false
    this.#advance()
    return true
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected(this.#token)
  }

  #unexpected(token: ExpressionToken): Error {
    const what = token.kind === 'end' ? 'end of expression' : `"${token.text.slice(0, 20)}"`
    return syntaxError(`${this.#errorStart}: unexpected ${what}`, token.line)
  }
}
