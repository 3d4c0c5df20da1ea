import { ApiError } from '@/lib/api-error.ts'

/** Where a run failed: the node is not always the one that was asked for. */
export interface NodeFailure {
  node: string
  /** From 1. */
  line: number
  message: string
}

/** @param asked the node that was run. @returns null when the failure is not about a line. */
export function failureIn(err: unknown, asked: string): NodeFailure | null {
  if (!(err instanceof ApiError) || err.details.line === undefined) return null
  const { node = asked, line } = err.details
  return { node: node.replace(/^preview_of_/, ''), line, message: err.message }
}
