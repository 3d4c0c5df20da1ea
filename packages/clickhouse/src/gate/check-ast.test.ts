import { expect, test } from 'vitest'

import { checkAst } from './check-ast.ts'
import { AST_GOLDENS } from './fixtures/ast-goldens.ts'
import { parseAst } from './parse-ast.ts'

const verdict = (name: keyof typeof AST_GOLDENS): ReturnType<typeof checkAst> =>
  checkAst(parseAst(AST_GOLDENS[name].ast)!)

test('tables are found after FROM, in subqueries and at the right of IN', () => {
  expect(verdict('everyday')).toEqual({
    kind: 'readable',
    tables: new Set(['ws_1.t_1_1', 'ws_1.t_2_1', 'ws_1.t_3_1']),
    references: 3,
    applies: 0,
    bareTables: new Set(),
    inNames: new Set(),
  })
})

test('a name without a database is told apart: it must be a CTE', () => {
  expect(verdict('cte')).toEqual({
    kind: 'readable',
    tables: new Set(['ws_1.t_1_1']),
    references: 1,
    applies: 0,
    bareTables: new Set(['c']),
    inNames: new Set(),
  })
})

test.each([
  ['window', 'Function file is not allowed'],
  ['settingsInside', 'SETTINGS is not allowed'],
  ['outfile', 'FORMAT and INTO OUTFILE'],
  ['format', 'FORMAT and INTO OUTFILE'],
  ['tableFunctions', 'Table function file is not allowed'],
  ['bomb', 'at most 1000000000 rows'],
  ['values', 'names and types only'],
  ['insert', 'Only SELECT'],
] as const)('%s is refused: %s', (name, reason) => {
  expect(verdict(name)).toEqual({
    kind: 'refused',
    reason: expect.stringContaining(reason) as string,
  })
})

test('APPLY is counted: what it calls is judged elsewhere', () => {
  expect(verdict('apply')).toMatchObject({ kind: 'readable', applies: 1 })
})

test('a lambda with a name is refused: it would take the place of a function in all that stands inside', () => {
  const [line] = /Function sumIf[^\n]*/.exec(AST_GOLDENS.everyday.ast) ?? []
  const named = AST_GOLDENS.everyday.ast.replace(
    line ?? '',
    'Function lambda (alias equals) (children 1)',
  )
  expect(checkAst(parseAst(named)!)).toEqual({
    kind: 'refused',
    reason: 'A lambda cannot have a name',
  })
  const unnamed = named.replace(' (alias equals)', '')
  expect(checkAst(parseAst(unnamed)!)).toMatchObject({ kind: 'readable' })
})

test('a node kind nobody has heard of is refused', () => {
  const ast = AST_GOLDENS.everyday.ast.replace('OrderByElement', 'SomethingNew')
  expect(checkAst(parseAst(ast)!)).toEqual({
    kind: 'refused',
    reason: expect.stringContaining('SomethingNew') as string,
  })
})

test('a table function is no scalar function and the other way round', () => {
  const scalar = AST_GOLDENS.everyday.ast.replace('Function sumIf', 'Function numbers')
  expect(checkAst(parseAst(scalar)!)).toMatchObject({ reason: 'Function numbers is not allowed' })
  const table = AST_GOLDENS.bomb.ast.replace('Function numbers', 'Function plus')
  expect(checkAst(parseAst(table)!)).toMatchObject({ reason: 'Table function plus is not allowed' })
})

test('a very deep tree is judged without overflowing the stack', () => {
  const depth = 20_000
  const lines = Array.from(
    { length: depth },
    (_, at) => `${' '.repeat(at)}SelectWithUnionQuery (children 1)`,
  )
  const ast = parseAst([...lines, `${' '.repeat(depth)}ExpressionList`].join('\n'))
  expect(ast).not.toBeNull()
  expect(checkAst(ast!)).toMatchObject({ kind: 'refused' })
})
