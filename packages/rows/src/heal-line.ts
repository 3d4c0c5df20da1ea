// A quarantined line, judged again: under the columns as they are now, and under a mapping that says where values come from and what
// is done to them. Value texts stay texts: a number of any size passes through unchanged.
import type { HealMapping, HealRule } from '@sandpiper/contracts'
import { assert } from '@sandpiper/assert'
import { type Column, isJsonPath, type JsonPathStep, parseJsonPath } from '@sandpiper/datafile'
import { compileSchema, LINE_CHARS_MAX, type RawForm, type RowDecoder } from './compile-schema.ts'
import { elementsOf, membersOf } from './convert-containers.ts'
import type { DecodedRow } from './decoded.ts'
import { applySteps } from './heal-steps.ts'

/** Judges quarantined lines anew. */
export interface LineHealer {
  /** @param raw `c__raw`, null when none was kept. What was kept in part only stays refused: healing it would make up data. */
  heal(raw: string | null, form: RawForm): DecodedRow
}

/** Where the values of mapped columns are put in a line as it was sent: a key that no client would send. */
const MAPPED = 'c__mapped'

/**
 * Compiles columns and a mapping into a healer.
 * @param columns as deployed. @param mapping checked by its schema and by mappingProblems().
 */
export function createLineHealer(
  columns: readonly Column[],
  mapping: HealMapping = {},
): LineHealer {
  const healers = {
    sent: healerOf(columns, mapping, 'sent'),
    columns: healerOf(columns, mapping, 'columns'),
  }
  return {
    heal(raw, form) {
      if (raw === null) return healers.sent.refuse('', 'no line was kept', 'partial')
      if (form === 'partial')
        return healers.sent.refuse(raw, 'the line was not kept as it was sent', 'partial')
      return healers[form].heal(raw)
    },
  }
}

/** What is wrong with a mapping for these columns; null when nothing is. */
export function mappingProblem(columns: readonly Column[], mapping: HealMapping): string | null {
  const known = new Set(columns.map(({ name }) => name))
  for (const [column, rule] of Object.entries(mapping)) {
    if (!known.has(column))
      return `The mapping names the column '${column}', which the Data Source does not have.`
    const path = rule.path === undefined ? [] : parseJsonPath(rule.path)
    if (!isJsonPath(path)) return `The mapping of '${column}': ${path.message}. ${path.hint}`
  }
  return null
}

interface Plan {
  readonly rule: HealRule
  readonly steps: readonly JsonPathStep[]
  /** The key its value is put under. */
  readonly key: string
  /** Its path as the reader knows it. */
  readonly shownPath: string
}

function healerOf(
  columns: readonly Column[],
  mapping: HealMapping,
  form: 'sent' | 'columns',
): Pick<RowDecoder, 'refuse'> & { heal(raw: string): DecodedRow } {
  const isByPath = form === 'sent' && columns.some((column) => column.jsonPath !== null)
  const own = (column: Column): string =>
    isByPath && column.jsonPath !== null ? column.jsonPath : ''
  const plans = columns.flatMap((column, index): Plan[] => {
    const rule = ruleOf(column, mapping, isByPath)
    if (rule === undefined) return []
    const path = rule.path ?? own(column)
    return [
      {
        rule,
        steps: path === '' ? [{ kind: 'key', key: column.name }] : stepsOf(path),
        key: isByPath ? `m${index}` : column.name,
        shownPath: path === '' ? `$.${column.name}` : path,
      },
    ]
  })
  const decoder = compileSchema(
    columns.map((column, index) => ({
      ...column,
      jsonPath: !isByPath
        ? null
        : ruleOf(column, mapping, true) === undefined
          ? column.jsonPath
          : `$.${MAPPED}.m${index}`,
    })),
  )
  const check = compileSchema([])
  const judge = (line: string): DecodedRow => decoder.decode(line, 0, line.length)
  return {
    refuse: (line, message, kept) => decoder.refuse(line, message, kept),
    heal(raw) {
      if (plans.length === 0) return judge(raw)
      // Values are taken out of sound JSON only.
      const checked = check.decode(raw, 0, raw.length)
      if (checked.kind === 'refused') return checked
      const mapped = withMapped(raw, plans, isByPath)
      return mapped === null
        ? decoder.refuse(raw, `not taken: mapped it has more than ${LINE_CHARS_MAX} characters`)
        : shown(judge(mapped), raw, plans)
    },
  }
}

/** A column of the whole document must not see what we put into it: it is mapped too, as soon as anything is. */
function ruleOf(column: Column, mapping: HealMapping, isByPath: boolean): HealRule | undefined {
  const rule = Object.hasOwn(mapping, column.name) ? mapping[column.name] : undefined
  if (rule !== undefined || !isByPath || column.jsonPath !== '$') return rule
  return Object.keys(mapping).length > 0 ? { path: '$' } : undefined
}

/** Null for a line that would be longer than any may be: many columns may be mapped to the whole of it. */
function withMapped(raw: string, plans: readonly Plan[], isByPath: boolean): string | null {
  const members: string[] = []
  const read = createReader()
  let chars = raw.length
  for (const { rule, steps, key } of plans) {
    const value = mappedValue(raw, rule, steps, read)
    if (value === null) continue
    chars += value.length
    if (chars > LINE_CHARS_MAX) return null
    members.push(`${JSON.stringify(key)}:${value}`)
  }
  const added = isByPath ? [`"${MAPPED}":{${members.join(',')}}`] : members
  const hidden = isByPath ? [] : plans.map(({ key }) => `${JSON.stringify(key)}:null`)
  // Of a key given twice the last counts, so ours win.
  const inside = raw.trim().slice(1, -1)
  const parts = [...(inside.trim() === '' ? [] : [inside]), ...hidden, ...added]
  return `{${parts.join(',')}}`
}

/** Members of an object, read once for all columns that are mapped into it. */
type Read = typeof membersOf

function createReader(): Read {
  const known = new Map<string, ReturnType<Read>>()
  return (text) => {
    const members = known.get(text) ?? membersOf(text)
    known.set(text, members)
    return members
  }
}

function mappedValue(
  raw: string,
  rule: HealRule,
  steps: readonly JsonPathStep[],
  read: Read,
): string | null {
  if (rule.constant !== undefined) return JSON.stringify(rule.constant)
  const found = valueAt(raw.trim(), steps, read)
  const value = found === null ? null : applySteps(found, rule.steps ?? [])
  if (rule.default === undefined) return value
  return value === null || value === 'null' ? JSON.stringify(rule.default) : value
}

/** The text at the path; null when there is nothing. */
function valueAt(text: string, steps: readonly JsonPathStep[], read: Read): string | null {
  const [step, ...rest] = steps
  if (step === undefined) return text
  if (step.kind === 'key') {
    const value = read(text)?.get(step.key)
    return value === undefined ? null : valueAt(value, rest, read)
  }
  const elements = elementsOf(text)
  if (elements === null) return text
  return `[${elements.map((element) => valueAt(element, rest, read) ?? 'null').join(',')}]`
}

/** Messages with the paths and the line that the reader knows. */
function shown(row: DecodedRow, raw: string, plans: readonly Plan[]): DecodedRow {
  if (row.kind === 'row') return row
  const errors = row.errors.map(({ column, message }) => ({
    column,
    message: plans.reduce(
      (text, { key, shownPath }) =>
        text.replace(`no $.${MAPPED}.${key},`, () => `no ${shownPath},`),
      message,
    ),
  }))
  return { ...row, errors }
}

function stepsOf(path: string): readonly JsonPathStep[] {
  const steps = parseJsonPath(path)
  assert(isJsonPath(steps), `not a path: ${path}`)
  return steps
}
