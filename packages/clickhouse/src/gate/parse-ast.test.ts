import fc from 'fast-check'
import { expect, test } from 'vitest'

import { AST_GOLDENS } from './fixtures/ast-goldens.ts'
import { parseAst, type AstNode } from './parse-ast.ts'

const { forgedName, strings, ...honest } = AST_GOLDENS

function print(node: AstNode, depth = 0): string[] {
  const count = node.children.length === 0 ? '' : ` (children ${node.children.length})`
  const name = node.name === '' ? '' : ` ${node.name}`
  const own = `${' '.repeat(depth)}${node.kind}${name}${count}`
  return [own, ...node.children.flatMap((child) => print(child, depth + 1))]
}

test.each(Object.entries(honest))(
  'every node of "%s" is read, alias and count apart',
  (_, { ast }) => {
    const root = parseAst(ast)
    expect(root).not.toBeNull()
    expect(print(root!).join('\n')).toBe(ast.replaceAll(/ \(alias [a-z]+\)/g, ''))
  },
)

test('a string literal with line breaks stays one node', () => {
  const root = parseAst(strings.ast)
  const list = root?.children[0]?.children[0]?.children[0]
  expect(list?.children.map(({ kind }) => kind)).toEqual([
    'Literal',
    'Literal',
    'Literal',
    'Literal',
  ])
})

test('a name that forges a node makes the tree unreadable', () => {
  expect(forgedName.ast).toContain('\n     Function file')
  expect(parseAst(forgedName.ast)).toBeNull()
})

test.each([
  ['nothing', ''],
  ['two roots', 'SelectQuery\nSelectQuery'],
  ['a child not announced', 'A\n B'],
  ['a child missing', 'A (children 2)\n B'],
  ['a jump in depth', 'A (children 1)\n  B'],
  ['an indented root', ' A'],
  ['a line without a kind', 'A (children 1)\n (alias x)'],
])('%s is no tree', (_, text) => {
  expect(parseAst(text)).toBeNull()
})

test('no inserted line goes unnoticed', () => {
  const lines = AST_GOLDENS.everyday.ast.split('\n')
  fc.assert(
    fc.property(
      fc.nat(lines.length),
      fc.nat(12),
      fc.constantFrom('Literal 1', 'Function file', 'Set', 'Asterisk'),
      (at, depth, text) => {
        const forged = [...lines.slice(0, at), `${' '.repeat(depth)}${text}`, ...lines.slice(at)]
        expect(parseAst(forged.join('\n'))).toBeNull()
      },
    ),
  )
})
