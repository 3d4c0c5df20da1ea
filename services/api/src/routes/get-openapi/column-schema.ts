// The type of a result's column in the words of OpenAPI 3.0: as JSON writes its values. Pure.
import { isType, parseType, type TypeArgument, type TypeTree } from '@sandpiper/datafile'

type Schema = Readonly<Record<string, unknown>>

const TEXT: Schema = { type: 'string' }
/** Any value. */
const ANY: Schema = {}

const PLAIN: ReadonlyMap<string, Schema> = new Map<string, Schema>([
  ...(['String', 'FixedString', 'DateTime', 'DateTime64', 'Time', 'Time64'] as const).map(
    (name) => [name, TEXT] as const,
  ),
  ...(['Date', 'Date32'] as const).map(
    (name) => [name, { type: 'string', format: 'date' }] as const,
  ),
  ['AggregateFunction', TEXT],
  ['UUID', { type: 'string', format: 'uuid' }],
  ['IPv4', { type: 'string', format: 'ipv4' }],
  ['IPv6', { type: 'string', format: 'ipv6' }],
  ['Bool', { type: 'boolean' }],
  ['JSON', { type: 'object', additionalProperties: true }],
])

/** The schema of a column's values; any value for a type that is not known. */
export function columnSchema(type: string): Schema {
  const tree = parseType(type)
  return isType(tree) ? schemaOf(tree) : ANY
}

function schemaOf(tree: TypeTree): Schema {
  if (tree.kind === 'literal') return ANY
  const { name } = tree
  const args = tree.args ?? []
  const plain = PLAIN.get(name)
  if (plain !== undefined) return plain
  if (/^U?Int\d+$/.test(name)) return integer(Number(/\d+$/.exec(name)?.[0]))
  // What is no number is null.
  if (/^B?Float\d+$/.test(name)) return { type: 'number', nullable: true }
  if (name.startsWith('Decimal')) return { type: 'number' }
  if (name.startsWith('Enum')) return enumeration(args)
  const last = args.at(-1)?.tree
  const inner = last === undefined ? ANY : schemaOf(last)
  switch (name) {
    case 'LowCardinality':
    case 'SimpleAggregateFunction':
      return inner
    case 'Nullable':
      return 'type' in inner ? { ...inner, nullable: true } : ANY
    case 'Array':
      return { type: 'array', items: inner }
    case 'Map':
      return { type: 'object', additionalProperties: inner }
    case 'Nested':
      return { type: 'array', items: members(args) }
    case 'Tuple':
      return args.length > 0 && args.every(({ label }) => label !== null)
        ? members(args)
        : { type: 'array', items: ANY }
    default:
      return ANY
  }
}

function integer(bits: number): Schema {
  return bits === 32 || bits === 64
    ? { type: 'integer', format: `int${bits}` }
    : { type: 'integer' }
}

function members(args: readonly TypeArgument[]): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(
      args.map(({ label, tree }) => [unquoted(label ?? '', '`'), schemaOf(tree)]),
    ),
  }
}

function enumeration(args: readonly TypeArgument[]): Schema {
  const names = args.flatMap(({ tree }) =>
    tree.kind === 'literal' && tree.text.startsWith("'") ? [unquoted(tree.text, "'")] : [],
  )
  return names.length === 0 ? TEXT : { type: 'string', enum: [...new Set(names)] }
}

function unquoted(text: string, quote: string): string {
  if (!text.startsWith(quote)) return text
  return text.slice(1, -1).replace(/\\(.)/g, '$1')
}
