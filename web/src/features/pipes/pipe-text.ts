// A .pipe file as the notebook shows it, and back. The server prints datafiles in one spelling, and so does this: what the notebook does
// not show (tokens, tags, settings) is kept line by line. A text that is spelled in another way is edited as text.

export type NodeType = 'standard' | 'endpoint' | 'materialized' | 'copy' | 'sink'

export interface PipeNodeText {
  name: string
  description: string
  sql: string
  type: NodeType
  /** Directives as they are written: `COPY_SCHEDULE` to `0 * * * *`. */
  settings: Readonly<Record<string, string>>
}

export interface PipeText {
  description: string
  /** Lines of the pipe itself: TOKEN, TAGS and others. */
  head: readonly string[]
  nodes: readonly PipeNodeText[]
}

interface Directive {
  name: string
  value: string
}

const NODE_TYPES: readonly string[] = ['standard', 'endpoint', 'materialized', 'copy', 'sink']

/** Words such as SELECT at the beginning of a line are SQL that is not indented. */
const SETTING = /^(?:DATASOURCE|CACHE|ENGINE|[A-Z]+(?:_[A-Z]+)+)$/

/** @returns null when the text is none that printPipeText() could have made: something of it would be lost. */
export function parsePipeText(text: string): PipeText | null {
  const pipe = readPipe(text)
  return pipe !== null && withoutBlanks(printPipeText(pipe)) === withoutBlanks(text) ? pipe : null
}

function withoutBlanks(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/\n\s*\n/g, '\n')
    .trim()
}

function readPipe(text: string): PipeText | null {
  const directives = readDirectives(text)
  if (directives === null) return null
  const firstNode = directives.findIndex(({ name }) => name === 'NODE')
  const head = firstNode < 0 ? directives : directives.slice(0, firstNode)
  const nodes = firstNode < 0 ? [] : readNodes(directives.slice(firstNode))
  if (nodes === null) return null
  return {
    description: head.find(({ name }) => name === 'DESCRIPTION')?.value ?? '',
    head: head.filter(({ name }) => name !== 'DESCRIPTION').map(printDirective),
    nodes,
  }
}

export function printPipeText({ description, head, nodes }: PipeText): string {
  const paragraphs = [
    description === '' ? '' : printBlock('DESCRIPTION', description),
    ...paragraphsOf(head),
    ...nodes.map(printNode),
  ]
  return `${paragraphs.filter((part) => part !== '').join('\n\n')}\n`
}

/** As the server groups them: tags, tokens, the rest. */
function paragraphsOf(head: readonly string[]): string[] {
  const groups = [/^TAGS\b/, /^TOKEN\b/, /^(?!TAGS\b|TOKEN\b)/]
  return groups.map((group) => head.filter((line) => group.test(line)).join('\n'))
}

function readNodes(directives: readonly Directive[]): PipeNodeText[] | null {
  const nodes: PipeNodeText[] = []
  for (const { name, value } of directives) {
    if (name === 'NODE') {
      nodes.push({ name: value, description: '', sql: '', type: 'standard', settings: {} })
      continue
    }
    const node = nodes.at(-1)
    if (node === undefined) return null
    if (name === 'DESCRIPTION') node.description = value
    else if (name === 'SQL') node.sql = value
    else if (name !== 'TYPE') {
      if (!SETTING.test(name)) return null
      node.settings = { ...node.settings, [name]: value }
    } else if (NODE_TYPES.includes(value.toLowerCase())) node.type = value.toLowerCase() as NodeType
    else return null
  }
  return nodes
}

function readDirectives(text: string): Directive[] | null {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const found: Directive[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    at++
    if (line.trim() === '') continue
    const parts = /^([A-Z_]+)(?:\s+(.*))?$/.exec(line)
    if (parts === null) return null
    const [, name = '', value = ''] = parts
    if (value.trim() !== '>') {
      found.push({ name, value: value.trim() })
      continue
    }
    const block: string[] = []
    while (at < lines.length && /^\s|^$/.test(lines[at] ?? '')) block.push(lines[at++] ?? '')
    found.push({ name, value: dedented(block) })
  }
  return found
}

function dedented(block: readonly string[]): string {
  const written = block.filter((line) => line.trim() !== '')
  const indents = written.map((line) => line.length - line.trimStart().length)
  const indent = Math.min(...indents, 80)
  const lines = block.map((line) => (line.trim() === '' ? '' : line.slice(indent)))
  return lines.join('\n').replace(/^\n+|\n+$/g, '')
}

function printNode({ name, description, sql, type, settings }: PipeNodeText): string {
  return [
    `NODE ${name}`,
    ...(description === '' ? [] : [printBlock('DESCRIPTION', description)]),
    printBlock('SQL', sql),
    ...(type === 'standard' ? [] : [`TYPE ${type}`]),
    ...Object.entries(settings).map(([key, value]) => printDirective({ name: key, value })),
  ].join('\n')
}

function printDirective({ name, value }: Directive): string {
  return value.includes('\n') ? printBlock(name, value) : `${name} ${value}`.trimEnd()
}

function printBlock(name: string, text: string): string {
  const lines = text.split('\n').map((line) => (line.trim() === '' ? '' : `    ${line}`))
  return [`${name} >`, ...lines].join('\n')
}
