// Rows back into events: what the columns' JSONPaths would take such a row from.
import { isJsonPath, parseJsonPath, type Column } from '@sandpiper/datafile'
import { CliError } from './cli-error.ts'
import { elementsOf, membersOf } from './json-text.ts'

interface ObjectNode {
  readonly kind: 'object'
  readonly members: Map<string, Node>
}
/** A list; of columns that each give a part of its elements. */
interface ListNode {
  readonly kind: 'list'
  readonly element: Node
}
interface LeafNode {
  readonly kind: 'leaf'
  readonly column: string
}
type Node = ObjectNode | ListNode | LeafNode

/**
 * A function from a row (a JSON object by column names) to an event that gives that row again. Numbers keep every digit.
 * Columns without a JSONPath among others that have one take their DEFAULT in a data source, and are left out.
 * @throws CliError when two columns cannot be told apart by their paths and say so.
 */
export function eventWriter(columns: readonly Column[]): (row: string) => string {
  if (columns.every(({ jsonPath }) => jsonPath === null)) return (row) => row.trim()
  const root: ObjectNode = { kind: 'object', members: new Map() }
  let whole: string | null = null
  for (const { name, jsonPath } of columns) {
    if (jsonPath === null) continue
    const steps = parseJsonPath(jsonPath)
    if (!isJsonPath(steps)) throw new CliError(`the JSONPath of ${name} is not valid: ${jsonPath}`)
    if (steps.length === 0) whole = name
    else place(root, steps, name)
  }
  return (row) => {
    const cells = membersOf(row)
    // A column of the whole document has every other column in it.
    if (whole !== null) return documentIn(cells.get(whole) ?? '{}')
    return printed(root, cells) ?? '{}'
  }
}

type Steps = Exclude<ReturnType<typeof parseJsonPath>, { message: string }>

function place(parent: ObjectNode, steps: Steps, column: string): void {
  const [step, ...rest] = steps
  if (step?.kind !== 'key') throw new CliError(`the JSONPath of ${column} begins with a list.`)
  const there = parent.members.get(step.key)
  const made = joined(there, rest, column)
  parent.members.set(step.key, made)
}

function joined(there: Node | undefined, steps: Steps, column: string): Node {
  const [step, ...rest] = steps
  // Two columns of one path have one value: either tells it.
  if (step === undefined) return there ?? { kind: 'leaf', column }
  if (step.kind === 'each') {
    if (there?.kind === 'leaf') return there
    return {
      kind: 'list',
      element: joined(there?.kind === 'list' ? there.element : undefined, rest, column),
    }
  }
  if (there?.kind === 'leaf') return there
  const object: ObjectNode =
    there?.kind === 'object' ? there : { kind: 'object', members: new Map() }
  place(object, steps, column)
  return object
}

function printed(node: Node, cells: ReadonlyMap<string, string>): string | null {
  switch (node.kind) {
    case 'leaf':
      return cells.get(node.column) ?? null
    case 'object': {
      const members = [...node.members].flatMap(([key, member]) => {
        const value = printed(member, cells)
        return value === null ? [] : [`${JSON.stringify(key)}:${value}`]
      })
      return members.length === 0 ? null : `{${members.join(',')}}`
    }
    case 'list':
      return printedList(node.element, cells)
  }
}

/** Lists of parts become one list of wholes; the longest tells how many. */
function printedList(element: Node, cells: ReadonlyMap<string, string>): string | null {
  if (element.kind === 'leaf') return cells.get(element.column) ?? null
  const names = columnsIn(element).filter((name) => cells.has(name))
  if (names.length === 0) return null
  const lists = new Map(names.map((name) => [name, elementsOf(cells.get(name) ?? '[]')]))
  const length = Math.max(...[...lists.values()].map((list) => list.length))
  const wholes = Array.from({ length }, (_, at) => {
    const parts = names.flatMap((name): [string, string][] => {
      const part = lists.get(name)?.[at]
      return part === undefined ? [] : [[name, part]]
    })
    return printed(element, new Map(parts)) ?? '{}'
  })
  return `[${wholes.join(',')}]`
}

function columnsIn(node: Node): string[] {
  if (node.kind === 'leaf') return [node.column]
  if (node.kind === 'list') return columnsIn(node.element)
  return [...node.members.values()].flatMap(columnsIn)
}

/** A document is kept as an object, or as a text that holds one. */
function documentIn(value: string): string {
  return value.startsWith('"') ? (JSON.parse(value) as string) : value
}
