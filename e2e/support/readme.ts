// Code blocks out of Markdown, so that what a page tells its readers to type is what a test types.

export interface CodeBlock {
  readonly language: string
  /** Words after the language: ```bash test```. */
  readonly marks: readonly string[]
  /** Nearest heading above. */
  readonly heading: string
  readonly code: string
  readonly line: number
}

export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let heading = ''
  let open: { language: string; marks: string[]; line: number; lines: string[] } | null = null
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```\s*(\S*)\s*(.*)$/.exec(line)
    if (open && fence) {
      const { lines, ...rest } = open
      blocks.push({ ...rest, heading, code: lines.join('\n') })
      open = null
    } else if (open) open.lines.push(line)
    else if (fence) {
      const marks = (fence[2] ?? '').split(/\s+/).filter((mark) => mark !== '')
      open = { language: fence[1] ?? '', marks, line: index + 1, lines: [] }
    } else if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '')
  }
  return blocks
}
