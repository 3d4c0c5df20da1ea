// Lists, maps and tuples as ClickHouse writes them into a CSV field: ['a','b\'c'], {'k':1}, [('a',NULL)].

const ESCAPED: Readonly<Record<string, string>> = {
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', 0: '\0' },
}
const OUTSIDE: Readonly<Record<string, string>> = { '(': '[', ')': ']' }

/**
 * The same value as JSON: texts in double quotes, tuples as lists, NULL as null. What is no such value gives no JSON either.
 * @returns null when a text does not end.
 */
export function engineTextAsJson(text: string): string | null {
  const parts: string[] = []
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (char === "'") {
      const read = readText(text, at + 1)
      if (read === null) return null
      parts.push(JSON.stringify(read.value))
      at = read.end
    } else if (text.startsWith('NULL', at)) {
      parts.push('null')
      at += 4
    } else {
      parts.push(OUTSIDE[char] ?? char)
      at += 1
    }
  }
  return parts.join('')
}

/** @param start behind the opening quote. @returns null when there is no closing one. */
function readText(
  text: string,
  start: number,
): { readonly value: string; readonly end: number } | null {
  const parts: string[] = []
  let at = start
  while (at < text.length) {
    const char = text[at] ?? ''
    if (char === '\\') {
      const next = text[at + 1] ?? ''
      parts.push(ESCAPED[next] ?? next)
      at += 2
    } else if (char !== "'") {
      parts.push(char)
      at += 1
    } else if (text[at + 1] === "'") {
      parts.push("'")
      at += 2
    } else return { value: parts.join(''), end: at + 1 }
  }
  return null
}
