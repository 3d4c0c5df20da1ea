// How answers are shown: as tables for people, as JSON for programs.

/** Rows as a table under their headings, as they are given; columns as wide as what they hold. Control characters are shown as spaces. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const lines = [headings.map(cellText), ...rows.map((row) => row.map(cellText))]
  const widths = headings.map((_, index) =>
    lines.reduce((width, row) => Math.max(width, (row[index] ?? '').length), 0),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return lines.map((row) => `${line(row)}\n`).join('')
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** A text of others on a terminal: it must not move the cursor or colour anything. At most `charsMax` characters. */
export function plain(text: string, charsMax = 200): string {
  const shown = text.replaceAll(/\p{Cc}+/gu, ' ')
  return shown.length > charsMax ? `${shown.slice(0, charsMax)}...` : shown
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return plain(typeof value === 'string' ? value : JSON.stringify(value))
}
