// What the readers of bodies hand on, and how bytes become text.
import type { DecodedRow } from './decoded.ts'

/** Rows in the order they came; `lines` when the good ones are these very bytes, each line ended. */
export interface Block {
  readonly rows: readonly DecodedRow[]
  readonly lines: Buffer | null
}

/** A block without rows. */
export const NOTHING: Block = { rows: [], lines: null }

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** null when the bytes are not UTF-8. */
export function textOf(bytes: Buffer): string | null {
  try {
    return UTF8.decode(bytes)
  } catch {
    return null
  }
}
