// The language means what CPython means: expressions and their results, written by testing/write-python-golden.py.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Budget } from './budget.ts'
import { Evaluator } from './evaluate.ts'
import { ExpressionParser } from './parse-expression.ts'
import { pyRepr } from './py-text.ts'
import { readParams } from './read-params.ts'
import { TemplateError } from './template-error.ts'

/** The names that expressions of the file may use, as the script sets them. */
const NAMES = {
  n: 7,
  m: -3,
  f: 2.5,
  s: 'Hello, World',
  t: '',
  l: [1, 2, 3],
  d: { a: 'x', 'b,c': 'y' },
}

const pairs = JSON.parse(
  readFileSync(new URL('../testing/python-golden.json', import.meta.url), 'utf8'),
) as [expression: string, result: string][]

/** repr() of an expression, or `! ` and the class of its error. */
function resultOf(expression: string): string {
  const budget = new Budget(1_000_000)
  try {
    const parser = new ExpressionParser(expression, 1)
    const parsed = parser.expressions()
    parser.end()
    const rendering = {
      budget,
      testMode: false,
      secrets: new Map<string, string>(),
      settings: new Map<string, string | number>(),
      boundParams: new Map<string, string>(),
      cacheTtlSeconds: null,
      line: 1,
      missing: () => [],
    }
    const evaluator = new Evaluator(rendering, readParams([], NAMES, budget))
    return pyRepr(evaluator.evaluate(parsed), budget)
  } catch (error) {
    if (error instanceof TemplateError) return `! ${error.type}`
    throw error
  }
}

describe('expressions give what CPython gives', () => {
  it('for thousands of them', () => {
    expect(pairs.length).toBeGreaterThan(10_000)
    const different = pairs
      .map(([expression, wanted]) => ({ expression, wanted, got: resultOf(expression) }))
      .filter(({ wanted, got }) => got !== wanted)
    expect(different.slice(0, 20)).toEqual([])
  })
})
