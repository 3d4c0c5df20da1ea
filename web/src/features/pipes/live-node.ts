import { parsePipeText, type PipeNodeText } from './pipe-text.ts'

/** Whether the node and all before it, which it may read, are as published: only then what the server says of it is about this text. */
export function isAsPublished(
  nodes: readonly PipeNodeText[],
  node: string,
  live: string | null,
): boolean {
  const published = live === null ? null : parsePipeText(live)
  const at = nodes.findIndex(({ name }) => name === node)
  if (published === null || at < 0) return false
  return nodes.slice(0, at + 1).every(({ name, sql }, index) => {
    const other = published.nodes[index]
    return other?.name === name && other.sql.trim() === sql.trim()
  })
}
