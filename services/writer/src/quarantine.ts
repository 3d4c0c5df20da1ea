// Rows that passed our own validation and that the engine refuses become lines of the quarantine table, with the engine's message.
import type { Column } from '@sandpiper/datafile'
import type { RefusedLine } from './bisect.ts'

/** NDJSON for the quarantine table; empty for no lines. */
export function quarantineLines(
  columns: readonly Column[],
  refused: readonly RefusedLine[],
): Buffer {
  const names = columns.map((column) => column.name)
  return Buffer.from(refused.map((each) => `${quarantineLine(names, each)}\n`).join(''))
}

function quarantineLine(names: readonly string[], { line, message }: RefusedLine): string {
  const raw = line.toString('utf8').trimEnd()
  const values = new Map(Object.entries(JSON.parse(raw) as Record<string, unknown>))
  const texts = names.flatMap((name) => {
    const value = values.get(name)
    return value === undefined || value === null ? [] : [[name, textOf(value)] as const]
  })
  return JSON.stringify({
    ...Object.fromEntries(texts),
    c__error_column: [],
    c__error: [message],
    c__raw: raw,
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
