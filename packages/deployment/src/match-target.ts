// Does what a query gives fit into its target? Names must meet; types must be the same or one the engine widens without loss.
import {
  normalizeType,
  parseType,
  printType,
  type Column,
  type TypeTree,
} from '@sandpiper/datafile'
import { isOptional } from './ddl.ts'

/** A column as DESCRIBE shows it. */
export interface DescribedColumn {
  readonly name: string
  readonly type: string
}

/** How a query fits its target: errors keep a deployment out. */
export interface TargetMatch {
  /** Columns of the target that the query gives. */
  readonly columns: readonly string[]
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

/** Compares a query with the columns of the data source it feeds. */
export function matchTarget(
  given: readonly DescribedColumn[],
  target: readonly Column[],
  targetName: string,
): TargetMatch {
  const byName = new Map(given.map((each) => [each.name, each.type]))
  const known = new Set(target.map((each) => each.name))
  const errors: string[] = []
  const warnings: string[] = []
  for (const column of target) {
    const type = byName.get(column.name)
    if (type === undefined) {
      if (!isOptional(column))
        errors.push(
          `The query does not give column ${column.name} (${column.type}) of ${targetName}`,
        )
      continue
    }
    const fit = fitOf(type, column.type)
    const text = `Column ${column.name} is ${normalizeType(type)} in the query and ${column.type} in ${targetName}`
    if (fit === 'no') errors.push(text)
    if (fit === 'lossy') warnings.push(`${text}: large values do not fit`)
  }
  for (const { name } of given)
    if (!known.has(name))
      errors.push(`The query gives column ${name}, which ${targetName} does not have`)
  return {
    columns: target.map((each) => each.name).filter((name) => byName.has(name)),
    errors,
    warnings,
  }
}

function fitOf(from: string, to: string): 'yes' | 'lossy' | 'no' {
  const one = plain(from)
  const other = plain(to)
  if (one === other || one === 'Nothing') return 'yes'
  if (isNumber(one) && isNumber(other))
    return rank(one) <= rank(other) && sign(one) === sign(other) ? 'yes' : 'lossy'
  const isTime = (type: string): boolean => /^Date/.test(type)
  if (isTime(one) && isTime(other)) return 'yes'
  return TEXTS.test(one) && TEXTS.test(other) ? 'yes' : 'no'
}

/** Types whose values are written as text without loss of meaning between them. */
const TEXTS = /^(String|FixedString.*|Enum.*|UUID|IPv4|IPv6)$/

/** Without what changes how a value is kept but not what it is: LowCardinality, Nullable, SimpleAggregateFunction, time zones. */
function plain(text: string): string {
  const tree = parseType(normalizeType(text))
  return 'message' in tree ? text : printType(bare(tree)).replace(/^DateTime\('.*'\)$/, 'DateTime')
}

function bare(tree: TypeTree): TypeTree {
  if (tree.kind !== 'type') return tree
  const last = tree.args?.at(-1)?.tree
  if (last !== undefined && WRAPPERS.has(tree.name)) return bare(last)
  if (tree.name === 'Bool') return { ...tree, name: 'UInt8' }
  if (tree.args === null || tree.name === 'AggregateFunction') return tree
  return { ...tree, args: tree.args.map((each) => ({ ...each, tree: bare(each.tree) })) }
}

const WRAPPERS: ReadonlySet<string> = new Set([
  'Nullable',
  'LowCardinality',
  'SimpleAggregateFunction',
])

function isNumber(type: string): boolean {
  return /^(U?Int|Float|Decimal)/.test(type)
}

function sign(type: string): string {
  return type.startsWith('U') ? 'unsigned' : type.startsWith('I') ? 'signed' : 'real'
}

function rank(type: string): number {
  return Number(/^\D+(\d+)/.exec(type)?.[1] ?? 0)
}
