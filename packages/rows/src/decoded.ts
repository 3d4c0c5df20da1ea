// What a row can become. A row's fate is a value, never an exception.

/** One line, judged against a compiled schema. `json` has no trailing newline. */
export type DecodedRow =
  /** `isLine`: `json` is the line itself, character by character. */
  | { readonly kind: 'row'; readonly json: string; readonly isLine?: boolean }
  /** `json` is a row of the quarantine table: every column's text, c__error_column, c__error. */
  | {
      readonly kind: 'refused'
      readonly json: string
      readonly errors: readonly RowError[]
      readonly isJson: boolean
    }

/** Why a row was refused, for one column of it. */
export interface RowError {
  /** Column name, or '' when the line as a whole is at fault. */
  readonly column: string
  readonly message: string
}

/** A whole body, judged: NDJSON for the table and for the quarantine table. */
export interface DecodedBody {
  readonly rows: Buffer
  readonly rowCount: number
  readonly refused: Buffer
  readonly refusedCount: number
  /** Lines that were not JSON objects at all; when all lines are, the request is a 400. */
  readonly malformedCount: number
  /** The first few errors, for the reply and the log; at most 10. */
  readonly firstErrors: readonly RowError[]
}
