export interface ServerEvent {
  event: string
  data: string
}

/** Takes pieces of a stream of server-sent events as they come, and gives what they complete. Comments are passed over. */
export function createEventReader(): (piece: string) => ServerEvent[] {
  let text = ''
  return (piece) => {
    text += piece
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    return blocks.flatMap(eventOf)
  }
}

function eventOf(block: string): ServerEvent[] {
  const lines = block.split('\n')
  const valueOf = (field: string): string[] =>
    lines
      .filter((line) => line.startsWith(`${field}:`))
      .map((line) => line.slice(field.length + 1).replace(/^ /, ''))
  const data = valueOf('data')
  return data.length === 0
    ? []
    : [{ event: valueOf('event')[0] ?? 'message', data: data.join('\n') }]
}
