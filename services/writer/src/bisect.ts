// Finds the lines that cannot be loaded among those that can, by halves. Every accepted part is loaded exactly once.

export interface RefusedLine {
  readonly line: Buffer
  readonly message: string
}

/**
 * Loads lines, or finds out which of them are refused.
 * @param accept loads a part; throws when it holds a line that is refused, leaving nothing of the part behind.
 * @param messageOf what an error says about a single line; rethrows errors that say nothing about lines.
 */
export async function acceptByHalves(
  lines: readonly Buffer[],
  accept: (part: readonly Buffer[]) => Promise<void>,
  messageOf: (err: unknown) => string,
): Promise<RefusedLine[]> {
  if (lines.length === 0) return []
  try {
    await accept(lines)
    return []
  } catch (err) {
    const message = messageOf(err)
    const [only] = lines
    if (lines.length === 1 && only !== undefined) return [{ line: only, message }]
  }
  const middle = Math.ceil(lines.length / 2)
  const first = await acceptByHalves(lines.slice(0, middle), accept, messageOf)
  return [...first, ...(await acceptByHalves(lines.slice(middle), accept, messageOf))]
}

/** The lines of an NDJSON text, each with its end. */
export function linesOf(text: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < text.length;) {
    const end = text.indexOf(0x0a, start)
    const next = end === -1 ? text.length : end + 1
    lines.push(text.subarray(start, next))
    start = next
  }
  return lines
}
