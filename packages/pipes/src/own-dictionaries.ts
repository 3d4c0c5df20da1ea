// Columns of LowCardinality share a dictionary with rows that were left out, and the engine computes many functions once for each entry
// of it: `toFixedString(c, 2)` fails by a value that the token may not see, `lowCardinalityIndices(c)` counts them. Variant and Dynamic
// may hold such columns, and paths of JSON that have a type. States of aggregates hold values, no dictionary.
import { isType, parseType, printType, type Column, type TypeTree } from '@sandpiper/datafile'
import { fault } from '@sandpiper/faults'
import { quoteIdentifier } from '@sandpiper/sql'

/** What may hold a dictionary, in the text of a type that could not be read. */
const SUSPECT = /LowCardinality|Variant|Dynamic/

/** Holds any value, each as bytes of its own, and gives it back with its type. */
const BYTES: TypeTree = {
  kind: 'type',
  name: 'Dynamic',
  args: [{ label: null, tree: { kind: 'type', name: 'max_types', args: null }, equals: '0' }],
}

/**
 * What stands behind the `*` of rows that were chosen so that each such column has a dictionary of its own, made of the rows that are left;
 * the types stay. Empty when there is none.
 * @throws fault `query.refused` for a type of which nobody knows whether it holds a dictionary.
 */
export function ownDictionaries(columns: readonly Pick<Column, 'name' | 'type'>[]): string {
  // A result may have two columns of one name: `*` gives the first, and REPLACE takes each name once.
  const own = new Map<string, string>()
  for (const { name, type } of columns) {
    const apart = own.has(name) ? type : withoutDictionaries(name, type)
    if (apart === type) continue
    const column = quoteIdentifier(name)
    own.set(name, `CAST(CAST(${column} AS ${apart}) AS ${type}) AS ${column}`)
  }
  return own.size === 0 ? '' : ` REPLACE (${[...own.values()].join(', ')})`
}

function withoutDictionaries(name: string, type: string): string {
  if (!SUSPECT.test(type)) return type
  const tree = parseType(type)
  if (isType(tree)) {
    const apart = takenApart(tree)
    return apart === tree ? type : printType(apart)
  }
  throw fault('query.refused', {
    public: `[Error] The column '${name}' of type ${type} cannot be read by SQL of this token: give it as String.`,
  })
}

/** The type with what stands in each LowCardinality(...) in its place; the very same when it holds none. */
function takenApart(tree: TypeTree): TypeTree {
  if (tree.kind === 'literal' || tree.name === 'AggregateFunction') return tree
  const args = tree.args ?? []
  const parts = args.map((each) => {
    // The path of a JSON that is skipped is no type.
    const part = each.label === 'SKIP' ? each.tree : takenApart(each.tree)
    return part === each.tree ? each : { ...each, tree: part }
  })
  if (tree.name === 'LowCardinality') return parts[0]?.tree ?? tree
  if (tree.name === 'Dynamic') return args[0]?.equals === '0' ? tree : BYTES
  if (parts.every((part, index) => part === args[index])) return tree
  // From one Variant to another there is no CAST.
  return tree.name === 'Variant' ? BYTES : { ...tree, args: parts }
}
