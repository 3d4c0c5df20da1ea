// Rows and refusals of a frame, as they are decoded.
import type { DecodedRow, RowError } from '@sandpiper/rows'

const ERRORS_MAX = 10

export class FrameBody {
  rowCount = 0
  refusedCount = 0
  /** About: one byte a character. */
  chars = 0
  readonly firstErrors: RowError[] = []
  private readonly rowLines: string[] = []
  private readonly refusedLines: string[] = []

  add(decoded: DecodedRow | null): void {
    if (decoded === null) return
    this.chars += decoded.json.length
    if (decoded.kind === 'row') {
      this.rowCount += 1
      this.rowLines.push(decoded.json)
      return
    }
    this.refusedCount += 1
    this.refusedLines.push(decoded.json)
    if (this.firstErrors.length < ERRORS_MAX)
      this.firstErrors.push(...decoded.errors.slice(0, ERRORS_MAX - this.firstErrors.length))
  }

  rows(): Buffer {
    return linesOf(this.rowLines)
  }

  refused(): Buffer {
    return linesOf(this.refusedLines)
  }
}

const EMPTY = Buffer.alloc(0)

function linesOf(lines: readonly string[]): Buffer {
  return lines.length === 0 ? EMPTY : Buffer.from(`${lines.join('\n')}\n`)
}
