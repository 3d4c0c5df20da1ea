// A schema from a sample of rows. What a sample may do to us is bounded: paths, their depth, and so columns.
import type { Column } from '@sandpiper/datafile'

import { elementsOf, membersOf } from './convert-containers.ts'
import { createTypeGuess, type TypeGuess } from './guess-type.ts'

/** A column that a sample suggests. */
export interface InferredColumn {
  readonly column: Column
  /** Values per row: 1 when every row has one, more for lists. */
  readonly presence: number
}

/** What a sample suggests. */
export interface InferredSchema {
  readonly columns: readonly InferredColumn[]
  readonly rows: number
  /** Paths that became no columns, LEFT_OUT_MAX at most: too many, too long, or with names that no path can have. Of CSV positions, as `column_501`. */
  readonly leftOut: readonly string[]
}

/** Columns of a data source. Source: Tinybird limits page, read 2026-11. */
export const INFERRED_COLUMNS_MAX = 500
/** Paths that are named as left out. */
export const LEFT_OUT_MAX = 100
/** Objects in objects; deeper ones are kept as text. */
const DEPTH_MAX = 10
/** Characters of a path. */
const PATH_CHARS_MAX = 300
/** Elements of one list that are looked at. */
const ELEMENTS_MAX = 100

interface Found {
  readonly guess: TypeGuess
  readonly isList: boolean
  rows: number
  values: number
}

/** Infers columns with JSONPaths from JSON objects; lines that are none count for nothing. Nested keys become names joined by `_`, lists get `[:]`. */
export function inferFromJson(lines: Iterable<string>): InferredSchema {
  const paths = new Map<string, Found>()
  const leftOut = new Set<string>()
  let rows = 0
  for (const line of lines) {
    const text = line.trim()
    const members = isSound(text) ? membersOf(text) : null
    if (members === null) continue
    rows += 1
    const seen = new Set<string>()
    visit(members, '$', 1, { paths, leftOut, seen })
    for (const path of seen) {
      const found = paths.get(path)
      if (found !== undefined) found.rows += 1
    }
  }
  const names = new Set<string>()
  const columns = [...paths].map(([path, found]) => ({
    column: columnOf(uniqueName(nameOf(path), names), path, found, rows),
    presence: rows === 0 ? 0 : Math.round((found.values / rows) * 1000) / 1000,
  }))
  return { columns, rows, leftOut: [...leftOut] }
}

function isSound(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

interface Visit {
  readonly paths: Map<string, Found>
  readonly leftOut: Set<string>
  readonly seen: Set<string>
}

function visit(members: Map<string, string>, prefix: string, depth: number, to: Visit): void {
  for (const [key, json] of members) {
    const path = `${prefix}.${key}`
    if (!isKeyOfPath(key) || path.length > PATH_CHARS_MAX) {
      leaveOut(path, to)
      continue
    }
    const inner = json.startsWith('{') && depth < DEPTH_MAX ? membersOf(json) : null
    if (inner !== null && inner.size > 0) visit(inner, path, depth + 1, to)
    else if (json.startsWith('[')) visitList(json, path, depth, to)
    else note(path, [json], false, to)
  }
}

function visitList(json: string, path: string, depth: number, to: Visit): void {
  const elements = (elementsOf(json) ?? []).slice(0, ELEMENTS_MAX)
  const objects = elements.map((each) => (each.startsWith('{') ? membersOf(each) : null))
  const isOfObjects = elements.length > 0 && objects.every((each) => each !== null)
  if (!isOfObjects || depth >= DEPTH_MAX) {
    note(`${path}[:]`, elements, true, to)
    return
  }
  for (const members of objects) {
    for (const [key, value] of members) {
      const inner = `${path}[:].${key}`
      if (isKeyOfPath(key) && inner.length <= PATH_CHARS_MAX) note(inner, [value], true, to)
      else leaveOut(inner, to)
    }
  }
}

function note(path: string, values: readonly string[], isList: boolean, to: Visit): void {
  let found = to.paths.get(path)
  if (found === undefined) {
    if (to.paths.size >= INFERRED_COLUMNS_MAX) {
      leaveOut(path, to)
      return
    }
    found = { guess: createTypeGuess(), isList, rows: 0, values: 0 }
    to.paths.set(path, found)
  }
  for (const value of values) {
    if (value === 'null') continue
    found.values += 1
    found.guess.addJson(value)
  }
  if (isList || values.some((each) => each !== 'null')) to.seen.add(path)
}

/** A path ends keys at `.` and `[`, and stands between backticks in a datafile, where its ends are trimmed and a backslash keeps the next character. */
function isKeyOfPath(key: string): boolean {
  return key !== '' && key.trim() === key && !/[.[`\\\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(key)
}

function leaveOut(path: string, { leftOut }: Visit): void {
  if (leftOut.size < LEFT_OUT_MAX) leftOut.add(path.slice(0, PATH_CHARS_MAX))
}

/** Infers columns without paths from CSV. @param names of a header, or null. @param typeGuessing false makes every column String. */
export function inferFromCsv(
  records: readonly (readonly string[])[],
  names: readonly string[] | null,
  typeGuessing = true,
): InferredSchema {
  const width = Math.max(0, names?.length ?? 0, ...records.map((each) => each.length))
  const taken = new Set<string>()
  const columns = Array.from({ length: Math.min(width, INFERRED_COLUMNS_MAX) }, (_, index) => {
    const guess = createTypeGuess()
    for (const record of records) guess.addText(record[index] ?? '')
    const name = uniqueName(cleanName(names?.[index] ?? '') || `column_${index + 1}`, taken)
    const found = { guess, isList: false, rows: guess.count(), values: guess.count() }
    const type = typeGuessing ? typeOf(found, records.length) : 'String'
    return {
      column: { name, type, jsonPath: null, default: null, codec: null },
      presence:
        records.length === 0 ? 0 : Math.round((guess.count() / records.length) * 1000) / 1000,
    }
  })
  const tooMany = Math.min(LEFT_OUT_MAX, Math.max(0, width - INFERRED_COLUMNS_MAX))
  const leftOut = Array.from(
    { length: tooMany },
    (_, index) =>
      names?.[INFERRED_COLUMNS_MAX + index] ?? `column_${INFERRED_COLUMNS_MAX + index + 1}`,
  )
  return { columns, rows: records.length, leftOut }
}

/** Whether the first of these records names the columns of the others: all texts, all different, and unlike what follows. */
export function isHeader(records: readonly (readonly string[])[]): boolean {
  const [first, ...rest] = records
  if (first === undefined) return false
  const names = first.map((each) => each.trim())
  const isNamed = names.every((each) => /^[\p{L}_][^\n]{0,199}$/u.test(each))
  if (!isNamed || new Set(names.map((each) => each.toLowerCase())).size !== names.length)
    return false
  if (rest.length === 0) return names.every((each) => /^[A-Za-z_]\w*$/.test(each))
  const isTyped = names.some((_, index) => {
    const guess = createTypeGuess()
    for (const record of rest) guess.addText(record[index] ?? '')
    return guess.count() > 0 && !guess.type().includes('String')
  })
  // Nothing but texts everywhere: names look like names, and come only once in their column.
  return (
    isTyped ||
    names.every(
      (name, index) =>
        /^[A-Za-z_][\w .-]*$/.test(name) && !rest.some((record) => record[index]?.trim() === name),
    )
  )
}

function columnOf(name: string, jsonPath: string, found: Found, rows: number): Column {
  // A list cannot be Nullable: rows without it get an empty one.
  const isMissing = found.isList && found.rows < rows
  return {
    name,
    type: typeOf(found, rows),
    jsonPath,
    default: isMissing ? '[]' : null,
    codec: null,
  }
}

function typeOf(found: Found, rows: number): string {
  const type = found.guess.type()
  if (found.isList) return `Array(${type.replace(/^LowCardinality\((.*)\)$/, '$1')})`
  if (found.rows >= rows) return type
  return type.startsWith('LowCardinality')
    ? 'LowCardinality(Nullable(String))'
    : `Nullable(${type})`
}

function nameOf(path: string): string {
  return cleanName(path.slice(2).replaceAll('[:]', '').replaceAll('.', '_'))
}

/** A name as a column may have it: letters, digits and `_`. `Order Id` becomes `Order_Id`. */
export function cleanName(text: string): string {
  const name = text
    .trim()
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+(?=.)|_+$/g, '')
    .slice(0, 128)
  return /^\d/.test(name) ? `_${name}` : name
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name === '' ? 'column' : name
  for (let count = 1; taken.has(unique.toLowerCase()); count += 1) unique = `${name}_${count}`
  taken.add(unique.toLowerCase())
  return unique
}
