// Quotes around a value: taken off when read, put on when printing would otherwise change the value.

/** Removes one pair of quotes when they enclose the whole text; anything else comes back as it is. A comment after the closing quote is dropped. */
export function unquote(text: string): string {
  const quote = text[0]
  if (quote !== '"' && quote !== "'") return text
  const close = closingQuote(text)
  if (close < 0) return text
  const after = text.slice(close + 1)
  return after === '' || (after.trimStart() !== after && after.trimStart().startsWith('#'))
    ? text.slice(1, close)
    : text
}

/** Index of the quote that closes the one at 0, or -1. A backslash keeps the next character. */
export function closingQuote(text: string): number {
  for (let index = 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === text[0]) return index
  }
  return -1
}

/** The shortest spelling that `unquote` gives back unchanged; null when a single line cannot hold the value. */
export function quoted(value: string): string | null {
  if (value.includes('\n')) return null
  const bare =
    value !== '' && !value.startsWith('>') && !value.startsWith('#') && value.trim() === value
  const candidates = bare ? [value, `"${value}"`, `'${value}'`] : [`"${value}"`, `'${value}'`]
  return candidates.find((each) => unquote(each) === value && !each.endsWith('\r')) ?? null
}
