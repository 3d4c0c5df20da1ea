// Tornado's tags over SQL text. Openers and closers are found as Tornado finds them (no regard for quotes), so what splits
// there splits here. https://www.tornadoweb.org/en/stable/template.html, read 2026-11.
import { ExpressionParser } from './parse-expression.ts'
import { collectParams } from './collect-params.ts'
import { TemplateError, syntaxError, toFault } from './template-error.ts'
import type { Branch, Expression, Handler, Template, TemplateNode } from './ast.ts'

/** Tags within tags that a template may have. */
const DEPTH_MAX = 100

const FORBIDDEN: ReadonlySet<string> = new Set([
  'import',
  'from',
  'include',
  'extends',
  'module',
  'block',
  'apply',
  'super',
  'autoescape',
  'whitespace',
])

/** True when SQL is a template: its first non-blank character is `%`. */
export function isTemplate(sql: string): boolean {
  return /^\s*%/.test(sql)
}

/**
 * Parses SQL into a template. A leading `%` is taken off; without one the tags are read all the same. Linear in its length.
 * @param name the node it stands in, for errors.
 * @throws fault `template.error`; `place` of its details has the line and the name.
 */
export function parseTemplate(sql: string, name: string | null = null): Template {
  try {
    const marker = /^\s*%/.exec(sql)?.[0] ?? ''
    const body = sql.slice(marker.length)
    const reader = new Reader(body, 1 + (marker.match(/\n/g)?.length ?? 0))
    const nodes = new BlockParser(reader).all()
    return { name, nodes, params: collectParams(nodes) }
  } catch (error) {
    throw toFault(error, { node: name, line: 1 })
  }
}

type Piece =
  | { readonly piece: 'text'; readonly text: string }
  | { readonly piece: 'emit' | 'tag'; readonly text: string; readonly line: number }
  | { readonly piece: 'end' }

/** Cuts text into pieces, counting lines as it goes. */
class Reader {
  readonly #text: string
  #at = 0
  #line: number

  constructor(text: string, line: number) {
    this.#text = text
    this.#line = line
  }

  next(): Piece {
    const open = this.#opener()
    if (open > this.#at) return { piece: 'text', text: this.#take(open) }
    if (this.#at >= this.#text.length) return { piece: 'end' }
    const line = this.#line
    const mark = this.#text[this.#at + 1] ?? ''
    if (this.#text[this.#at + 2] === '!') {
      const text = this.#take(this.#at + 3)
      return { piece: 'text', text: text.slice(0, 2) }
    }
    const [close, name] =
      mark === '{' ? ['}}', 'expression'] : mark === '%' ? ['%}', 'block'] : ['#}', 'comment']
    const end = this.#text.indexOf(close, this.#at + 2)
    if (end < 0) throw syntaxError(`Missing end ${name} ${close}`, line)
    const inner = this.#take(end + 2).slice(2, -2)
    if (mark === '#') return { piece: 'text', text: '' }
    return { piece: mark === '{' ? 'emit' : 'tag', text: inner, line }
  }

  /** The next `{{`, `{%` or `{#`; of more than two braces in a row the innermost two. */
  #opener(): number {
    for (
      let at = this.#text.indexOf('{', this.#at);
      at >= 0;
      at = this.#text.indexOf('{', at + 1)
    ) {
      const mark = this.#text[at + 1]
      if (mark !== '{' && mark !== '%' && mark !== '#') continue
      if (mark === '{' && this.#text[at + 2] === '{') continue
      return at
    }
    return this.#text.length
  }

  #take(end: number): string {
    const text = this.#text.slice(this.#at, end)
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#line++
    this.#at = end
    return text
  }
}

/** A tag inside a block that belongs to the block: `else`, `elif x`, `except E as e`, `finally`, `end`. */
interface Divider {
  readonly word: string
  readonly rest: string
  readonly line: number
}

class BlockParser {
  readonly #reader: Reader
  #depth = 0

  constructor(reader: Reader) {
    this.#reader = reader
  }

  all(): TemplateNode[] {
    return this.#body(null, 0, false)[0]
  }

  /** Nodes up to a divider of the block (`end` at last), or up to the end of the text outside of blocks. */
  #body(block: string | null, line: number, inLoop: boolean): [TemplateNode[], Divider] {
    this.#depth++
    if (this.#depth > DEPTH_MAX) throw syntaxError('blocks are nested too deep', line)
    const nodes: TemplateNode[] = []
    for (;;) {
      const piece = this.#reader.next()
      if (piece.piece === 'end') {
        if (block !== null) throw syntaxError(`Missing {% end %} block for ${block}`, line)
        this.#depth--
        return [nodes, { word: 'end', rest: '', line }]
      }
      if (piece.piece === 'text') {
        if (piece.text !== '') nodes.push({ node: 'text', text: piece.text })
      } else if (piece.piece === 'emit') nodes.push(emit(piece.text, piece.line))
      else {
        const found = this.#tag(piece.text.trim(), piece.line, block, inLoop)
        if (found !== null && 'word' in found) {
          this.#depth--
          return [nodes, found]
        }
        if (found !== null) nodes.push(found)
      }
    }
  }

  #tag(
    text: string,
    line: number,
    block: string | null,
    inLoop: boolean,
  ): TemplateNode | Divider | null {
    if (text === '') throw syntaxError('Empty block tag ({% %})', line)
    const [, word = '', rest = ''] = /^(\S+?)(?=[\s({]|$)\s*([^]*)$/.exec(text) ?? []
    if (DIVIDERS.has(word)) return divider(word, rest, line, block)
    if (FORBIDDEN.has(word))
      throw new TemplateError(
        'SyntaxError',
        `${word} is forbidden at <string>:${String(line)}`,
        null,
        line,
      )
    switch (word) {
      case 'comment':
        return null
      case 'if':
        return this.#if(rest, line, inLoop)
      case 'for':
        return this.#for(rest, line)
      case 'while':
        return this.#while(rest, line)
      case 'try':
        return this.#try(line, inLoop)
      case 'set':
        return setNode(rest, line)
      case 'raw':
        return { node: 'raw', expression: parseControl(rest, line), source: rest, line }
      case 'break':
      case 'continue':
        if (!inLoop) throw syntaxError(`${word} outside for or while block`, line)
        return { node: word, line }
      default:
        throw syntaxError(`unknown operator: '${word.slice(0, 20)}'`, line)
    }
  }

  #if(test: string, line: number, inLoop: boolean): TemplateNode {
    const branches: Branch[] = []
    let condition = test === '' ? missingCondition('if', line) : parseControl(test, line)
    for (;;) {
      const [body, end] = this.#body('if', line, inLoop)
      branches.push({ test: condition, body })
      if (end.word === 'elif') condition = parseControl(end.rest, end.line)
      else if (end.word === 'else') {
        const [otherwise, last] = this.#body('if', line, inLoop)
        if (last.word !== 'end') throw syntaxError(`${last.word} after else`, last.line)
        branches.push({ test: null, body: otherwise })
        return { node: 'if', branches, line }
      } else return { node: 'if', branches, line }
    }
  }

  #for(head: string, line: number): TemplateNode {
    const parser = new ExpressionParser(head, line, CONTROL_ERROR)
    const target = parser.target()
    if (!parser.accept('in')) throw syntaxError(`${CONTROL_ERROR}: for needs "in"`, line)
    const source = parser.expressions()
    parser.end()
    const [body, end] = this.#body('for', line, true)
    const otherwise = end.word === 'else' ? this.#closing('for', line) : []
    return { node: 'for', target, source, body, otherwise, line }
  }

  #while(head: string, line: number): TemplateNode {
    const test = head === '' ? missingCondition('while', line) : parseControl(head, line)
    const [body, end] = this.#body('while', line, true)
    const otherwise = end.word === 'else' ? this.#closing('while', line) : []
    return { node: 'while', test, body, otherwise, line }
  }

  #try(line: number, inLoop: boolean): TemplateNode {
    const [body, first] = this.#body('try', line, inLoop)
    let end = first
    const handlers: Handler[] = []
    let otherwise: readonly TemplateNode[] = []
    let last: readonly TemplateNode[] = []
    while (end.word !== 'end') {
      const { word, rest } = end
      const head = word === 'except' ? exceptHead(rest, end.line) : null
      const [part, next] = this.#body('try', line, inLoop)
      if (head !== null) handlers.push({ ...head, body: part })
      else if (word === 'else') otherwise = part
      else last = part
      end = next
    }
    return { node: 'try', body, handlers, otherwise, last, line }
  }

  #closing(block: string, line: number): TemplateNode[] {
    const [body, end] = this.#body(block, line, true)
    if (end.word !== 'end') throw syntaxError(`${end.word} after else`, end.line)
    return body
  }
}

const DIVIDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['end', ['if', 'for', 'while', 'try']],
  ['elif', ['if']],
  ['else', ['if', 'for', 'while', 'try']],
  ['except', ['try']],
  ['finally', ['try']],
])

function divider(word: string, rest: string, line: number, block: string | null): Divider {
  if (block === null)
    throw syntaxError(
      word === 'end'
        ? 'Extra {% end %} block'
        : `${word} outside ${(DIVIDERS.get(word) ?? []).join('/')} block`,
      line,
    )
  if (DIVIDERS.get(word)?.includes(block) !== true)
    throw syntaxError(`${word} block cannot be attached to ${block} block`, line)
  return { word, rest, line }
}

function missingCondition(word: string, line: number): never {
  throw syntaxError(`${word} needs a condition`, line)
}

function emit(source: string, line: number): TemplateNode {
  const text = source.trim()
  if (text === '') throw syntaxError('Empty expression', line)
  const leading = source.length - source.trimStart().length
  const skipped = source.slice(0, leading).match(/\n/g)?.length ?? 0
  return {
    node: 'emit',
    expression: parseAll(text, line + skipped),
    source: text,
    line: line + skipped,
  }
}

/** How errors inside a `{% %}` tag begin. */
const CONTROL_ERROR = 'wrong syntax, you might be using a not valid function inside a control block'

function parseControl(source: string, line: number): Expression {
  return parseAll(source, line, CONTROL_ERROR)
}

function parseAll(source: string, line: number, errorStart?: string): Expression {
  const parser = new ExpressionParser(source, line, errorStart)
  const expression = parser.expressions()
  parser.end()
  return expression
}

/** `set a = e`, `set a, b = e`, `set a += e`, `set d['k'] = e`, or a call for its effect (`set list.append(1)`). */
function setNode(source: string, line: number): TemplateNode {
  const parser = new ExpressionParser(source, line, CONTROL_ERROR)
  const expression = parser.expressions()
  const operator = parser.assignment()
  if (operator === null) {
    parser.end()
    return { node: 'run', expression, line }
  }
  parser.rewind()
  const target = parser.target()
  parser.skip()
  const value = parser.expressions()
  parser.end()
  return { node: 'set', target, operator: operator === '=' ? null : operator, value, line }
}

/** `except`, `except T`, `except (T, U) as e`. */
function exceptHead(rest: string, line: number): Omit<Handler, 'body'> {
  if (rest === '') return { types: null, as: null }
  const found = /^(?:\(([\w\s,]+)\)|(\w+))(?:\s+as\s+([A-Za-z_]\w*))?$/.exec(rest)
  if (found === null) throw syntaxError(`${CONTROL_ERROR}: except`, line)
  const types = (found[1] ?? found[2] ?? '')
    .split(',')
    .map((type) => type.trim())
    .filter((type) => type !== '')
  return { types, as: found[3] ?? null }
}
