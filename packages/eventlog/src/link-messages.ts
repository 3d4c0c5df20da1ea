// What the two ends of the link say to each other: one JSON object per line.
import type { LoadOutcome } from './event-log.ts'

/** From the process that appends to the writer. */
export type ToWriter =
  | { readonly kind: 'durable'; readonly sequence: number }
  | { readonly kind: 'turn'; readonly id: number; readonly workspaceId: string }
  | { readonly kind: 'release'; readonly id: number; readonly workspaceId: string }
  | Note

/** From the writer to the process that appends. */
export type FromWriter =
  | {
      readonly kind: 'loaded'
      readonly dataSourceId: string
      readonly sequence: number
      readonly outcome: LoadOutcome
    }
  | { readonly kind: 'passed'; readonly sequence: number }
  | { readonly kind: 'unneeded'; readonly below: number; readonly wantedFrom: number }
  | { readonly kind: 'granted'; readonly id: number }
  | Note

/** Carried from one process to the other; its body is nothing to the log. */
interface Note {
  readonly kind: 'note'
  readonly body: unknown
}

/** The message in a line; null when it is none that a writer is sent. */
export function parseToWriter(line: string): ToWriter | null {
  const { kind, id, workspaceId, sequence, body } = fieldsOf(line)
  if (kind === 'note') return { kind, body }
  if (kind === 'durable' && isCount(sequence)) return { kind, sequence }
  if ((kind === 'turn' || kind === 'release') && isCount(id) && typeof workspaceId === 'string')
    return { kind, id, workspaceId }
  return null
}

/** The message in a line; null when it is none that a writer sends. */
export function parseFromWriter(line: string): FromWriter | null {
  const { kind, id, dataSourceId, sequence, below, wantedFrom, outcome, body } = fieldsOf(line)
  if (kind === 'note') return { kind, body }
  if (kind === 'granted' && isCount(id)) return { kind, id }
  if (kind === 'unneeded' && isCount(below) && isCount(wantedFrom))
    return { kind, below, wantedFrom }
  if (kind === 'passed' && isCount(sequence)) return { kind, sequence }
  const parsed = parseOutcome(outcome)
  if (
    kind === 'loaded' &&
    typeof dataSourceId === 'string' &&
    isCount(sequence) &&
    parsed !== null
  ) {
    return { kind, dataSourceId, sequence, outcome: parsed }
  }
  return null
}

function parseOutcome(value: unknown): LoadOutcome | null {
  const { kind, message } =
    value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  if (kind === 'loaded') return { kind }
  if (kind === 'view_failed' && typeof message === 'string') return { kind, message }
  return null
}

function fieldsOf(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
