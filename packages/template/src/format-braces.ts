// Python's str.format(), without attribute and item access: `{0.x}` and `{0[x]}` reach nothing.
import type { Budget } from './budget.ts'
import { formatValue } from './format-spec.ts'
import { asciiRepr, pyRepr, pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import type { Value } from './values.ts'

/** Fields within the specification of a field, as Python: one level. */
const DEPTH_MAX = 2

/** `text.format(*args, **keywords)`. @throws TemplateError as Python does. */
export function formatBraces(
  text: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  budget: Budget,
): string {
  return new Formatter(args, keywords, budget).format(text, DEPTH_MAX)
}

class Formatter {
  readonly #args: readonly Value[]
  readonly #keywords: ReadonlyMap<string, Value>
  readonly #budget: Budget
  #automatic = 0
  #numbering: 'automatic' | 'manual' | null = null

  constructor(args: readonly Value[], keywords: ReadonlyMap<string, Value>, budget: Budget) {
    this.#args = args
    this.#keywords = keywords
    this.#budget = budget
  }

  format(text: string, depth: number): string {
    if (depth === 0) throw new TemplateError('ValueError', 'Max string recursion exceeded')
    const parts: string[] = []
    let at = 0
    while (at < text.length) {
      const brace = nextBrace(text, at)
      parts.push(text.slice(at, brace))
      if (brace === text.length) break
      const mark = text.charAt(brace)
      if (text[brace + 1] === mark) {
        parts.push(mark)
        at = brace + 2
        continue
      }
      if (mark === '}')
        throw new TemplateError('ValueError', "Single '}' encountered in format string")
      const end = fieldEnd(text, brace)
      parts.push(this.#field(text.slice(brace + 1, end), depth))
      at = end + 1
    }
    return parts.join('')
  }

  #field(field: string, depth: number): string {
    const [, name = '', conversion, , spec = ''] =
      /^([^!:]*)(?:!([^:]*))?(:([^]*))?$/.exec(field) ?? []
    const value = this.#value(name)
    const shown = conversion === undefined ? value : this.#converted(value, conversion)
    const result = formatValue(
      shown,
      spec.includes('{') || spec.includes('}') ? this.format(spec, depth - 1) : spec,
      this.#budget,
    )
    this.#budget.spendText(result.length)
    return result
  }

  #value(name: string): Value {
    if (!/^\w*$/.test(name))
      throw new TemplateError('ValueError', 'format fields can only be names and numbers')
    const isNumbered = /^[0-9]*$/.test(name)
    const value = isNumbered ? this.#args[this.#index(name)] : this.#keywords.get(name)
    if (value !== undefined) return value
    throw isNumbered
      ? new TemplateError('IndexError', 'Replacement index out of range for positional args tuple')
      : new TemplateError('KeyError', `'${name}'`)
  }

  #index(name: string): number {
    const numbering = name === '' ? 'automatic' : 'manual'
    if (this.#numbering !== null && this.#numbering !== numbering)
      throw new TemplateError(
        'ValueError',
        name === ''
          ? 'cannot switch from manual field specification to automatic field numbering'
          : 'cannot switch from automatic field numbering to manual field specification',
      )
    this.#numbering = numbering
    return name === '' ? this.#automatic++ : Number(name)
  }

  #converted(value: Value, conversion: string): string {
    if (conversion === 'r') return pyRepr(value, this.#budget)
    if (conversion === 's') return pyStr(value, this.#budget)
    if (conversion === 'a') return asciiRepr(value, this.#budget)
    throw new TemplateError(
      'ValueError',
      `Unknown conversion specifier '${conversion.slice(0, 20)}'`,
    )
  }
}

function nextBrace(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '{' || character === '}') return at
  }
  return text.length
}

/** The closing brace of a field, past fields within it. */
function fieldEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return at
  }
  throw new TemplateError(
    'ValueError',
    start === text.length - 1
      ? "Single '{' encountered in format string"
      : "expected '}' before end of string",
  )
}
