/**
 * The JSON objects in a pasted text, one line each, digit for digit as they were typed: one object over many lines, several after
 * each other, or a list of them.
 * @throws Error that says what is wrong, in words for the person who pasted.
 */
export function eventLines(text: string): string[] {
  const events: string[] = []
  let depth = 0
  let start = -1
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (char === '"') at = endOfText(text, at)
    else if (char === '{') {
      if (depth === 0) start = at
      depth += 1
    } else if (char === '}') {
      depth -= 1
      if (depth === 0) events.push(text.slice(start, at + 1))
      if (depth < 0) throw new Error('There is a } without its {.')
    }
  }
  if (depth > 0) throw new Error('An object does not end: a } is missing.')
  if (events.length === 0) throw new Error('There is no JSON object in the text.')
  return events.map(oneLine)
}

function endOfText(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at
  }
  throw new Error('A text does not end: a " is missing.')
}

function oneLine(event: string): string {
  try {
    JSON.parse(event)
  } catch (err) {
    throw new Error(`This is not JSON: ${err instanceof Error ? err.message : ''}`, { cause: err })
  }
  // JSON allows line ends between values only.
  return event.replaceAll(/[\r\n]+\s*/g, ' ')
}
