import { expect, test } from 'vitest'

import { nameOutside } from './check-barrier.ts'
import { parseAst } from './parse-ast.ts'

const columns = new Set(['org', 'n', 'nested.a'])

function outside(...lines: readonly string[]): string | null {
  return nameOutside(parseAst(lines.join('\n'))!, columns)
}

test('columns, what lies in them, and columns with dots are inside; all else is not', () => {
  for (const name of ['org', 'n', 'n.x', 'n.x.y', 'nested.a'])
    expect(outside(`Identifier ${name}`), name).toBeNull()
  for (const name of ['other', 'nested', 'nested.b', 'events.org', 'Org', 'or'])
    expect(outside(`Identifier ${name}`), name).toBe(name)
})

test('the arguments of a lambda are names within it and nowhere else', () => {
  const lambda = [
    '  Function lambda (children 1)',
    '   ExpressionList (children 2)',
    '    Function tuple (children 1)',
    '     ExpressionList (children 1)',
    '      Identifier x',
    '    Identifier x',
  ]
  const call = ['Function arrayExists (children 1)', ' ExpressionList (children 2)']
  expect(outside(...call, ...lambda, '  Identifier org')).toBeNull()
  expect(outside(...call, ...lambda, '  Identifier x')).toBe('x')
})
