// How answers are shown: as tables for people, as JSON for programs.

/** Rows as a table with a line of headings; columns as wide as what they hold. Control characters are shown as spaces. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => row.map(cellText))
  const widths = headings.map((heading, index) =>
    Math.max(heading.length, ...cells.map((row) => (row[index] ?? '').length)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return [headings.map((heading) => heading.toUpperCase()), ...cells]
    .map((row) => `${line(row)}\n`)
    .join('')
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
