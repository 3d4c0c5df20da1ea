// A data source's columns, compiled once into a decoder of lines. A value goes from the line to the row as text; what cannot be stored
// as meant is refused with a reason, and the refused line is kept whole.
import { assert } from '@sandpiper/assert'
import {
  type Column,
  isJsonPath,
  isType,
  type JsonPathStep,
  parseJsonPath,
  parseType,
} from '@sandpiper/datafile'
import { elementsOf, membersOf } from './convert-containers.ts'
import { ruleOf } from './convert.ts'
import type { DecodedRow, RowError } from './decoded.ts'
import { JsonScanner, type WantedKeys } from './json-scanner.ts'
import { convertOrNull, type TypeRule } from './type-rule.ts'

/** Longest line, in characters; longer ones are refused and their first LINE_KEPT_CHARS kept. */
export const LINE_CHARS_MAX = 1024 * 1024
const LINE_KEPT_CHARS = 64 * 1024
/** How much of a value a reason quotes. */
const QUOTED_CHARS_MAX = 100
const LETTER_N = 110

/** Judges lines against one version of a data source's columns. Not for two bodies at the same moment within one call, but calls may interleave. */
export interface RowDecoder {
  /** The object in `text` from `start` to `end`: a row for the table, or refused. Never throws for data. */
  decode(text: string, start: number, end: number): DecodedRow
  /** Refuses a line as a whole. @param kept what `line` is; default: what lines of this decoder are. */
  refuse(line: string, message: string, kept?: RawForm): DecodedRow
}

/**
 * What `c__raw` of a quarantined row holds: the line as it came (`sent`), the row keyed by column name (`columns`: from CSV, or refused
 * by the engine), or something that is not the whole of what came (`partial`: cut, or with bytes replaced that are no UTF-8).
 */
export type RawForm = 'sent' | 'columns' | 'partial'

/** Where in a text a line stands. */
interface Line {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly form: RawForm
}

interface ColumnPlan {
  readonly name: string
  /** `"name":` as it stands in the row. */
  readonly key: string
  readonly type: string
  readonly path: string
  readonly rule: TypeRule
  /** Which noted value of the scanner it takes. */
  readonly wantedIndex: number
  /** What is done inside a list: the steps from the first `[:]` on. */
  readonly inList: readonly JsonPathStep[]
  /** A row without a value for it is refused. */
  readonly isRequired: boolean
  readonly takesNull: boolean
  /** Filled from the outermost key of its own name: in a row as in a line. */
  readonly isOwnKey: boolean
}

/**
 * Compiles columns into a decoder. Columns without a JSONPath get their DEFAULT, unless no column has one (a CSV data source or a
 * materialized view's target): then each column is filled from the key of its own name.
 * A missing or null value takes the DEFAULT, else NULL when Nullable, else the row is refused. Of a key given twice the last counts.
 * @param columns as deployed: types are known to be types and paths to be paths.
 */
export function compileSchema(columns: readonly Column[]): RowDecoder {
  const wanted = createWanted()
  const hasPaths = columns.some((column) => column.jsonPath !== null)
  const plans = columns
    .filter((column) => !hasPaths || column.jsonPath !== null)
    .map((column) => planOf(column, wanted))
  const scanner = new JsonScanner(wanted.count())
  const form: RawForm = hasPaths ? 'sent' : 'columns'
  // A line of such a schema may be a row as it stands.
  const mayBeRow = plans.every((plan) => plan.isOwnKey)

  function decode(text: string, start: number, end: number): DecodedRow {
    if (end - start > LINE_CHARS_MAX) {
      const kept = text.slice(start, start + LINE_KEPT_CHARS)
      const message = `not taken: a line of ${end - start} characters, at most ${LINE_CHARS_MAX} are; its first ${LINE_KEPT_CHARS} are kept`
      return refusedLine(kept, message, true, 'partial')
    }
    scanner.load(text)
    scanner.starts.fill(-1)
    const valueEnd = scanner.value(start, end, wanted.root)
    if (valueEnd < 0) {
      const { kind, message } = scanner.problem ?? { kind: 'malformed', message: 'not valid JSON' }
      return refusedLine(text.slice(start, end), message, kind === 'limit', form)
    }
    if (text.charCodeAt(scanner.spaces(start)) !== 123)
      return refusedLine(text.slice(start, end), 'not a JSON object', false, form)
    if (scanner.spaces(valueEnd) < end)
      return refusedLine(
        text.slice(start, end),
        'not valid JSON: text after the object',
        false,
        form,
      )
    if (mayBeRow && isRow(text, plans, scanner))
      return { kind: 'row', json: text.slice(start, end), isLine: true }
    return rowOf({ text, start, end, form }, plans, scanner)
  }

  return {
    decode,
    refuse: (line, message, kept = form) => refusedLine(line, message, false, kept),
  }
}

/** One line, judged. @param line without its newline. */
export function decodeLine(line: string, decoder: RowDecoder): DecodedRow {
  return decoder.decode(line, 0, line.length)
}

/** Whether the object is a row as it stands: nothing but columns in it, each once, each with a value that needs no conversion. */
function isRow(text: string, plans: readonly ColumnPlan[], scanner: JsonScanner): boolean {
  if (!scanner.isExact) return false
  let found = 0
  for (const { wantedIndex, rule, isRequired, takesNull } of plans) {
    const start = scanner.starts[wantedIndex] ?? -1
    if (start < 0) {
      if (isRequired) return false
      continue
    }
    found += 1
    const end = scanner.ends[wantedIndex] ?? -1
    if (end - start === 4 && text.charCodeAt(start) === LETTER_N) {
      if (!takesNull) return false
    } else if (rule.isPlain === null || !rule.isPlain(text, start, end)) {
      const value = text.slice(start, end)
      if (rule.convert(value) !== value) return false
    }
  }
  return found === scanner.outerKeys
}

function rowOf(line: Line, plans: readonly ColumnPlan[], scanner: JsonScanner): DecodedRow {
  const { text, start, end, form } = line
  let row = '{'
  let errors: RowError[] | null = null
  for (const plan of plans) {
    const value = valueOf(text, plan, scanner)
    const converted = value === null ? null : convertOrNull(plan.rule, value)
    if (converted !== null)
      row += row.length === 1 ? plan.key + converted : `,${plan.key}${converted}`
    else if (value !== null || plan.isRequired) (errors ??= []).push(errorOf(plan, value))
  }
  if (errors === null) return { kind: 'row', json: `${row}}` }
  const cells = plans.map((plan): [string, string | null] => [
    plan.key,
    valueOf(text, plan, scanner),
  ])
  return {
    kind: 'refused',
    json: refusedJson(cells, errors, text.slice(start, end), form),
    errors,
    isJson: true,
  }
}

/** The text of the plan's value; null when it is missing, or `null` where that means the same. */
function valueOf(text: string, plan: ColumnPlan, scanner: JsonScanner): string | null {
  const start = scanner.starts[plan.wantedIndex] ?? -1
  if (start < 0) return null
  const value = text.slice(start, scanner.ends[plan.wantedIndex])
  if (value === 'null' && !plan.takesNull) return null
  return plan.inList.length === 0 ? value : projected(value, plan.inList)
}

/** What `[:].k` makes of a value: a list of each element's `k`, `null` where there is none. A value that is no list stays what it is. */
function projected(value: string, steps: readonly JsonPathStep[]): string {
  const [step, ...rest] = steps
  if (step === undefined) return value
  if (step.kind === 'key') return projected(membersOf(value)?.get(step.key) ?? 'null', rest)
  const elements = elementsOf(value)
  return elements === null
    ? value
    : `[${elements.map((element) => projected(element, rest)).join(',')}]`
}

function errorOf(plan: ColumnPlan, value: string | null): RowError {
  if (value === null) {
    return {
      column: plan.name,
      message: `value is missing on column '${plan.name}' (${plan.type}): no ${plan.path}, not Nullable, no DEFAULT`,
    }
  }
  const plain = value.startsWith('"') ? (JSON.parse(value) as string) : value
  const quoted = plain.length > QUOTED_CHARS_MAX ? `${plain.slice(0, QUOTED_CHARS_MAX)}...` : plain
  return {
    column: plan.name,
    message: `value '${quoted}' on column '${plan.name}' is not ${plan.type}`,
  }
}

function refusedLine(line: string, message: string, isJson: boolean, form: RawForm): DecodedRow {
  const errors = [{ column: '', message }]
  return { kind: 'refused', json: refusedJson([], errors, line, form), errors, isJson }
}

/** A row of the quarantine table; see quarantineColumns. */
function refusedJson(
  cells: readonly (readonly [key: string, value: string | null])[],
  errors: readonly RowError[],
  line: string,
  form: RawForm,
): string {
  const parts: string[] = []
  for (const [key, value] of cells) {
    if (value !== null && value !== 'null' && !OWN_KEYS.has(key))
      parts.push(key + (value.startsWith('"') ? value : JSON.stringify(value)))
  }
  parts.push(`"c__error_column":${JSON.stringify(errors.map((error) => error.column))}`)
  parts.push(`"c__error":${JSON.stringify(errors.map((error) => wellFormed(error.message)))}`)
  parts.push(`"c__raw":${JSON.stringify(wellFormed(line))}`)
  if (form !== 'sent') parts.push(`"c__raw_form":"${form}"`)
  return `{${parts.join(',')}}`
}

/** A cut may leave half a surrogate pair, which the engine would not take. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

const OWN_KEYS = new Set(
  ['c__error_column', 'c__error', 'c__import_id', 'c__raw', 'c__raw_form', 'insertion_date'].map(
    (name) => `${JSON.stringify(name)}:`,
  ),
)

function planOf(column: Column, wanted: Wanted): ColumnPlan {
  const tree = parseType(column.type)
  const steps =
    column.jsonPath === null
      ? [{ kind: 'key', key: column.name } as const]
      : parseJsonPath(column.jsonPath)
  assert(isType(tree) && isJsonPath(steps), `column ${column.name} has no valid type or path`)
  const rule = ruleOf(tree)
  const firstList = steps.findIndex((step) => step.kind === 'each')
  const keys = firstList < 0 ? steps : steps.slice(0, firstList)
  return {
    name: column.name,
    key: `${JSON.stringify(column.name)}:`,
    type: column.type,
    path: column.jsonPath ?? `$.${column.name}`,
    rule,
    wantedIndex: wanted.add(keys.map((step) => (step.kind === 'key' ? step.key : ''))),
    inList: firstList < 0 ? [] : steps.slice(firstList),
    isRequired: column.default === null && !rule.isNullable && !rule.isOptional,
    takesNull: rule.isNullable,
    isOwnKey: column.jsonPath === null || isKey(steps, column.name),
  }
}

function isKey(steps: readonly JsonPathStep[], name: string): boolean {
  const [step] = steps
  return steps.length === 1 && step?.kind === 'key' && step.key === name
}

interface Wanted {
  readonly root: WantedKeys
  add(keys: readonly string[]): number
  count(): number
}

interface WantedNode {
  readonly raw: string
  index: number
  readonly children: Map<string, WantedNode>
}

function createWanted(): Wanted {
  const root: WantedNode = { raw: '', index: -1, children: new Map() }
  let count = 0
  return {
    root,
    add(keys) {
      let node = root
      for (const key of keys) {
        let child = node.children.get(key)
        if (child === undefined) {
          child = { raw: JSON.stringify(key), index: -1, children: new Map() }
          node.children.set(key, child)
        }
        node = child
      }
      if (node.index < 0) node.index = count++
      return node.index
    },
    count: () => count,
  }
}
