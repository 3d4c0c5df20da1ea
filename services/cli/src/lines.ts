/**
 * Lines of a stream without their newline; only `\n` ends one. A last line without it counts too.
 * Fails as the stream does: what was cut off never looks complete.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const chunk of stream) {
    held += decoder.decode(chunk, { stream: true })
    const lines = held.split('\n')
    held = lines.pop() ?? ''
    yield* lines
  }
  held += decoder.decode()
  if (held !== '') yield held
}
