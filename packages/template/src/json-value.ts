// JSON into our values, with exact integers and bounded depth. JSON.parse would round 64-bit ids and give host objects.
import type { Budget } from './budget.ts'
import { TemplateError } from './template-error.ts'
import { dict, list, type Value } from './values.ts'

/** Brackets within brackets. */
const DEPTH_MAX = 64

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** Parses JSON text. @throws ValueError with the reason and place, in Python's words. */
export function parseJson(text: string, budget: Budget): Value {
  budget.spendText(text.length)
  const reader = new JsonReader(text, budget)
  return reader.whole()
}

class JsonReader {
  readonly #text: string
  readonly #budget: Budget
  #at = 0

  constructor(text: string, budget: Budget) {
    this.#text = text
    this.#budget = budget
  }

  whole(): Value {
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw this.#error('Extra data')
    return value
  }

  #value(depth: number): Value {
    if (depth > DEPTH_MAX) throw new TemplateError('ValueError', 'JSON is nested too deep')
    this.#budget.spend(1)
    this.#space()
    const character = this.#text[this.#at]
    if (character === '{') return this.#object(depth)
    if (character === '[') return this.#array(depth)
    if (character === '"') return this.#string()
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    return this.#number()
  }

  #object(depth: number): Value {
    this.#at++
    const pairs: [Value, Value][] = []
    for (;;) {
      this.#space()
      if (pairs.length === 0 && this.#take('}')) return dict(pairs, this.#budget)
      if (this.#text[this.#at] !== '"')
        throw this.#error('Expecting property name enclosed in double quotes')
      const key = this.#string()
      this.#space()
      if (!this.#take(':')) throw this.#error("Expecting ':' delimiter")
      pairs.push([key, this.#value(depth + 1)])
      this.#space()
      if (this.#take('}')) return dict(pairs, this.#budget)
      if (!this.#take(',')) throw this.#error("Expecting ',' delimiter")
    }
  }

  #array(depth: number): Value {
    this.#at++
    const items: Value[] = []
    for (;;) {
      this.#space()
      if (items.length === 0 && this.#take(']')) return list(items)
      items.push(this.#value(depth + 1))
      this.#space()
      if (this.#take(']')) return list(items)
      if (!this.#take(',')) throw this.#error("Expecting ',' delimiter")
    }
  }

  #string(): string {
    STRING.lastIndex = this.#at
    const [token] = STRING.exec(this.#text) ?? []
    if (token === undefined) throw this.#error('Unterminated string starting at')
    this.#at += token.length
    return JSON.parse(token) as string
  }

  #number(): Value {
    NUMBER.lastIndex = this.#at
    const found = NUMBER.exec(this.#text)
    if (found === null) throw this.#error('Expecting value')
    const [token, fraction, exponent] = found
    this.#at += token.length
    if (fraction !== undefined || exponent !== undefined) return Number(token)
    if (token.length > 4300) throw this.#error('Number is too long')
    return BigInt(token)
  }

  #space(): void {
    SPACE.lastIndex = this.#at
    if (SPACE.test(this.#text)) this.#at = SPACE.lastIndex
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #error(reason: string): TemplateError {
    const before = this.#text.slice(0, this.#at).split('\n')
    const column = (before.at(-1)?.length ?? 0) + 1
    return new TemplateError(
      'ValueError',
      `${reason}: line ${String(before.length)} column ${String(column)} (char ${String(this.#at)})`,
    )
  }
}
