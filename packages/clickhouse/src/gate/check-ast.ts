// The allow-list over the engine's own tree. Fails closed: a node kind, function or table function that is not named here is
// refused, and so is every construct whose content EXPLAIN AST does not print (SETTINGS); what APPLY calls is judged beside it.
import { isAllowedFunction } from './is-allowed-function.ts'
import type { AstNode } from './parse-ast.ts'

/** What a tree reads, or the first thing in it that is refused, worded for the caller. */
export type AstVerdict =
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'readable'
      /** `database.table` as printed, from FROM, JOIN and the right of IN. */
      readonly tables: ReadonlySet<string>
      /** How many places those names stand in. */
      readonly references: number
      /** Names without a database: they must be CTEs of the statement. */
      readonly bareTables: ReadonlySet<string>
      /** How often `* APPLY(...)` stands in it: the tree does not show what it calls. */
      readonly applies: number
      /** Names without a database at the right of IN: columns, aliases or CTEs, but tables where the default database has them. */
      readonly inNames: ReadonlySet<string>
    }

const NODE_KINDS: ReadonlySet<string> = new Set([
  'ArrayJoin',
  'Asterisk',
  'ColumnsApplyTransformer',
  'ColumnsExceptTransformer',
  'ColumnsListMatcher',
  'ColumnsRegexpMatcher',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'ColumnsTransformerList',
  'ExpressionList',
  'Function',
  'Identifier',
  'InterpolateElement',
  'Literal',
  'OrderByElement',
  'QualifiedAsterisk',
  'QualifiedColumnsListMatcher',
  'QualifiedColumnsRegexpMatcher',
  'SampleRatio',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'SelectWithUnionQuery',
  'Subquery',
  'TableExpression',
  'TableIdentifier',
  'TableJoin',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'WindowDefinition',
  'WindowListElement',
  'WithElement',
])

/** Refused kinds a caller may well write, with a text that says what to do. */
const REFUSED_KINDS: ReadonlyMap<string, string> = new Map([
  ['Set', 'SETTINGS is not allowed in a query'],
  ['ASTStreamSettings', 'STREAM is not allowed'],
  ['Explain', 'EXPLAIN is not supported yet'],
])

const SELECTS: ReadonlySet<string> = new Set([
  'SelectQuery',
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
])

const IN_FUNCTIONS: ReadonlySet<string> = new Set(
  ['in', 'notIn', 'nullIn', 'notNullIn'].flatMap((name) => {
    const global = `global${name.charAt(0).toUpperCase()}${name.slice(1)}`
    return [name, global, `${name}IgnoreSet`, `${global}IgnoreSet`]
  }),
)

/** Rows a generating table function may be asked for by a literal. An expression is bounded by the time limit only. */
const GENERATED_ROWS_MAX = 1_000_000_000

const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'generateSeries',
  'generate_series',
  'values',
  'view',
  'SQLStandardValues',
])

/** Columns that every table of the engine has and that hold our names for database and table. */
const NAMES_OF_OURS = /(?:^|\.)(?:_table|_database)$/

/** What the walk fills in. */
interface Found {
  readonly addTable: (name: string) => void
  readonly addApply: () => void
  readonly inNames: Set<string>
}

class Refusal extends Error {}

/** Judges one tree. Pure; does not know which tables the caller may read, only which ones the query reads. */
export function checkAst(root: AstNode): AstVerdict {
  const tables = new Set<string>()
  const bareTables = new Set<string>()
  const inNames = new Set<string>()
  let references = 0
  let applies = 0
  const addTable = (name: string): void => {
    if (!name.includes('.')) {
      bareTables.add(name)
      return
    }
    tables.add(name)
    references += 1
  }
  try {
    if (root.kind !== 'SelectWithUnionQuery') refuse('Only SELECT is allowed')
    walk(root, {
      addTable,
      inNames,
      addApply: () => {
        applies += 1
      },
    })
  } catch (err) {
    if (err instanceof Refusal) return { kind: 'refused', reason: err.message }
    throw err
  }
  return { kind: 'readable', tables, references, applies, bareTables, inNames }
}

function refuse(reason: string): never {
  throw new Refusal(reason)
}

// A list of nodes still to see instead of recursion: the depth of a tree is the caller's choice.
function walk(root: AstNode, found: Found): void {
  const open: AstNode[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    checkNode(node, found)
    for (const child of node.children) open.push(child)
    if (node.kind === 'TableExpression') removeTableFunction(node, open)
  }
}

// The function directly under a table expression was judged with its parent, by the other list.
function removeTableFunction(expression: AstNode, open: AstNode[]): void {
  for (const child of expression.children) {
    if (child.kind !== 'Function') continue
    open.splice(open.lastIndexOf(child), 1)
    for (const inner of child.children) open.push(inner)
  }
}

function checkNode(node: AstNode, found: Found): void {
  if (!NODE_KINDS.has(node.kind)) {
    refuse(
      REFUSED_KINDS.get(node.kind) ??
        `This kind of query is not allowed (${node.kind.slice(0, 60)})`,
    )
  }
  switch (node.kind) {
    case 'SelectWithUnionQuery':
      checkUnion(node)
      break
    case 'SelectIntersectExceptQuery':
      if (!node.children.every((child) => SELECTS.has(child.kind))) refuse('Only SELECT is allowed')
      break
    case 'TableExpression':
      checkTableExpression(node)
      break
    case 'TableIdentifier':
      found.addTable(node.name)
      break
    case 'Identifier':
      if (NAMES_OF_OURS.test(node.name)) refuse('Columns _table and _database are not available')
      break
    case 'ColumnsApplyTransformer':
      found.addApply()
      break
    case 'Function':
      checkFunction(node, found)
      break
    default:
  }
}

// FORMAT and INTO OUTFILE stand as further children beside the list of selects.
function checkUnion(node: AstNode): void {
  const [list, extra] = node.children
  if (extra?.kind === 'Set') refuse('SETTINGS is not allowed in a query')
  if (extra !== undefined) refuse('FORMAT and INTO OUTFILE are not allowed in a query')
  if (list?.kind !== 'ExpressionList' || !list.children.every((child) => SELECTS.has(child.kind))) {
    refuse('Only SELECT is allowed')
  }
}

function checkFunction(node: AstNode, found: Found): void {
  // A lambda with the name of a function takes its place in all that stands further in: `WITH (x, y) -> 1 AS equals` would make
  // the condition of every filter true. One with another name could not be called: only functions of the list can.
  if (node.name === 'lambda' && node.alias !== null) refuse('A lambda cannot have a name')
  if (!isAllowedFunction(node.name)) refuse(`Function ${node.name.slice(0, 80)} is not allowed`)
  if (!IN_FUNCTIONS.has(node.name)) return
  // `a IN tbl` names a table by a plain identifier. Without a database it is an alias, a column or a CTE: a database
  // that holds nothing is the default one, so it cannot become a table.
  for (const right of node.children[0]?.children.slice(1) ?? []) {
    if (right.kind !== 'Identifier') continue
    if (right.name.includes('.')) found.addTable(right.name)
    else found.inNames.add(right.name)
  }
}

function checkTableExpression(node: AstNode): void {
  const [source] = node.children
  if (source === undefined) refuse('This kind of table is not allowed')
  for (const child of node.children) {
    if (child.kind !== 'Function') continue
    if (child !== source || !TABLE_FUNCTIONS.has(tableFunctionName(child.name))) {
      refuse(`Table function ${child.name.slice(0, 80)} is not allowed`)
    }
    checkArguments(child)
  }
}

function tableFunctionName(name: string): string {
  return name.toLowerCase() === 'values' ? 'values' : name
}

function checkArguments(node: AstNode): void {
  const args = node.children[0]?.children ?? []
  if (node.name.toLowerCase() === 'values') {
    checkStructure(args[0])
    return
  }
  for (const arg of args) {
    const number =
      arg.kind === 'Literal' ? /^U?Int(?:64|128|256)_(-?\d+)$/.exec(arg.name)?.[1] : undefined
    if (number !== undefined && BigInt(number) > BigInt(GENERATED_ROWS_MAX)) {
      refuse(`Table function ${node.name} may generate at most ${GENERATED_ROWS_MAX} rows`)
    }
  }
}

// The structure of values() is a text the engine parses as column declarations: no expressions in there.
function checkStructure(structure: AstNode | undefined): void {
  if (structure?.kind !== 'Literal' || !structure.name.startsWith("'")) return
  if (!/\b(?:default|materialized|alias|ephemeral|codec|ttl|settings)\b/i.test(structure.name))
    return
  refuse('The structure of values() may hold names and types only')
}
