// JSON without JavaScript's numbers: 64-bit integers keep every digit.

/** Members of an object, each as the text it has there. @throws SyntaxError when the text is no JSON object. */
export function membersOf(text: string): Map<string, string> {
  return new Map(partsOf(text, '{').map(({ key, value }) => [key, value]))
}

/** Elements of a list, each as text. @throws SyntaxError when the text is no JSON list. */
export function elementsOf(text: string): string[] {
  return partsOf(text, '[').map(({ value }) => value)
}

/**
 * One spelling for equal values: members in the order of their names, no spaces, numbers that a double holds exactly as JavaScript
 * writes them (1.0 is 1), all others digit by digit. @throws SyntaxError when the text is not JSON.
 */
export function canonicalJson(text: string): string {
  const value = text.trim()
  // Refuses what only looks like JSON.
  JSON.parse(value)
  return canonical(value)
}

function canonical(value: string): string {
  const first = value[0]
  if (first === '{') {
    const members = [...membersOf(value)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
  }
  if (first === '[') return `[${elementsOf(value).map(canonical).join(',')}]`
  if (first === '"') return JSON.stringify(JSON.parse(value))
  return /^[-0-9]/.test(value) ? number(value) : value
}

function number(text: string): string {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
  // 15 significant digits survive a double; beyond, the text itself tells.
  return digits.length <= 15 ? String(Number(text)) : text
}

interface Part {
  readonly key: string
  readonly value: string
}

function partsOf(text: string, open: '{' | '['): Part[] {
  const source = text.trim()
  if (source[0] !== open) throw new SyntaxError(`no ${open === '{' ? 'object' : 'list'}`)
  const parts: Part[] = []
  let at = spaces(source, 1)
  while (at < source.length - 1) {
    let key = ''
    if (open === '{') {
      const end = valueEnd(source, at)
      key = JSON.parse(source.slice(at, end)) as string
      at = spaces(source, spaces(source, end) + 1)
    }
    const end = valueEnd(source, at)
    parts.push({ key, value: source.slice(at, end) })
    // Behind the value a comma, or the end.
    at = spaces(source, spaces(source, end) + 1)
  }
  return parts
}

/** Where the value that begins there ends. */
function valueEnd(source: string, start: number): number {
  const first = source[start]
  if (first === '"') return stringEnd(source, start)
  if (first !== '{' && first !== '[') {
    let at = start
    while (at < source.length && !/[,\]}\s:]/.test(source[at] ?? '')) at += 1
    if (at === start) throw new SyntaxError('not JSON')
    return at
  }
  let depth = 0
  for (let at = start; at < source.length; at += 1) {
    const char = source[at]
    if (char === '"') at = stringEnd(source, at) - 1
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  throw new SyntaxError('not JSON')
}

function stringEnd(source: string, start: number): number {
  let at = start + 1
  while (at < source.length && source[at] !== '"') at += source[at] === '\\' ? 2 : 1
  if (at >= source.length) throw new SyntaxError('not JSON')
  return at + 1
}

function spaces(source: string, start: number): number {
  let at = start
  while (at < source.length && /\s/.test(source[at] ?? '')) at += 1
  return at
}
