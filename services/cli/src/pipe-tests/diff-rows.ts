// How two results differ, row by row.
import { canonicalJson, membersOf } from '../json-text.ts'

/** A row as it is shown, and the spelling that is compared. */
interface Row {
  readonly text: string
  readonly key: string
}

export type DiffLine = {
  readonly kind: 'same' | 'missing' | 'extra' | 'note'
  readonly text: string
}

/** Comparing costs the product of both lengths: beyond, rows are compared by their places. */
const CELLS_MAX = 4_000_000
/** Rows that agree, shown around those that do not. */
const CONTEXT = 2

/** Lines of NDJSON that are not blank. A line that is not JSON is compared as text. */
function rowsOf(ndjson: string): Row[] {
  return ndjson
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line.trim(), key: keyOf(line) }))
}

/** Empty when both say the same in the same order. */
export function diffRows(expected: string, actual: string): DiffLine[] {
  const [wanted, given] = [rowsOf(expected), rowsOf(actual)]
  const steps =
    wanted.length * given.length > CELLS_MAX ? byPlace(wanted, given) : aligned(wanted, given)
  if (steps.every(({ kind }) => kind === 'same')) return []
  return withNotes(shortened(steps))
}

function keyOf(line: string): string {
  try {
    return canonicalJson(line)
  } catch {
    return line.trim()
  }
}

function byPlace(wanted: readonly Row[], given: readonly Row[]): DiffLine[] {
  const length = Math.max(wanted.length, given.length)
  return Array.from({ length }, (_, at): DiffLine[] => {
    const [left, right] = [wanted[at], given[at]]
    if (left !== undefined && left.key === right?.key) return [{ kind: 'same', text: left.text }]
    return [
      ...(left === undefined ? [] : [{ kind: 'missing' as const, text: left.text }]),
      ...(right === undefined ? [] : [{ kind: 'extra' as const, text: right.text }]),
    ]
  }).flat()
}

/** The longest rows that both have in one order; all else is missing or extra. */
function aligned(wanted: readonly Row[], given: readonly Row[]): DiffLine[] {
  const width = given.length + 1
  const longest = new Uint32Array((wanted.length + 1) * width)
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0
  for (let i = wanted.length - 1; i >= 0; i -= 1)
    for (let j = given.length - 1; j >= 0; j -= 1)
      longest[i * width + j] =
        wanted[i]?.key === given[j]?.key
          ? at(i + 1, j + 1) + 1
          : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < wanted.length || j < given.length) {
    const [left, right] = [wanted[i], given[j]]
    if (left !== undefined && left.key === right?.key) {
      lines.push({ kind: 'same', text: left.text })
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'missing', text: left.text })
      i += 1
    } else {
      lines.push({ kind: 'extra', text: right?.text ?? '' })
      j += 1
    }
  }
  return lines
}

function shortened(lines: readonly DiffLine[]): DiffLine[] {
  const isNear = (index: number): boolean =>
    lines
      .slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1)
      .some(({ kind }) => kind !== 'same')
  const shown: DiffLine[] = []
  let hidden = 0
  const told = (): void => {
    if (hidden > 0) shown.push({ kind: 'note', text: `... ${hidden} rows as expected` })
    hidden = 0
  }
  for (const [index, line] of lines.entries()) {
    if (!isNear(index)) hidden += 1
    else {
      told()
      shown.push(line)
    }
  }
  told()
  return shown
}

/** After as many missing as extra rows: which columns differ, row by row. */
function withNotes(lines: readonly DiffLine[]): DiffLine[] {
  const shown: DiffLine[] = []
  let [missing, extra]: [string[], string[]] = [[], []]
  const told = (): void => {
    if (missing.length === extra.length)
      for (const [index, text] of missing.entries()) shown.push(...noteOf(text, extra[index] ?? ''))
    missing = []
    extra = []
  }
  for (const line of lines) {
    if (line.kind === 'missing') {
      if (extra.length > 0) told()
      missing.push(line.text)
    } else if (line.kind === 'extra') extra.push(line.text)
    else told()
    shown.push(line)
  }
  told()
  return shown
}

function noteOf(expected: string, actual: string): DiffLine[] {
  try {
    const [wanted, given] = [membersOf(expected), membersOf(actual)]
    const names = [...new Set([...wanted.keys(), ...given.keys()])]
    const told = names
      .filter((name) => spelling(wanted.get(name)) !== spelling(given.get(name)))
      .map(
        (name) =>
          `${name}: expected ${wanted.get(name) ?? 'none'}, got ${given.get(name) ?? 'none'}`,
      )
    return told.length === 0 ? [] : [{ kind: 'note', text: told.join('; ') }]
  } catch {
    return []
  }
}

function spelling(value: string | undefined): string {
  return value === undefined ? '' : keyOf(value)
}
