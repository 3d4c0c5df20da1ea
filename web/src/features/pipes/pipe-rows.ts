// The list of pipes: what is published, and what is drafted.
import type { DraftDocument, PipeBody } from '@sandpiper/contracts'

import { NODE_KINDS } from './node-kinds.ts'
import { parsePipeText, type NodeType } from './pipe-text.ts'

export interface PipeListSearch {
  q?: string
  tag?: string
  /** Whether a new one is asked for. */
  create?: true
}

export interface PipeRow {
  name: string
  description: string
  type: NodeType
  nodes: number
  /** Whether it answers under its name now. */
  isEndpoint: boolean
  tags: readonly string[]
  draft: 'none' | 'new' | 'changed' | 'removed'
}

export function readPipeListSearch(search: Record<string, unknown>): PipeListSearch {
  const { q, tag, create } = search
  return {
    ...(create === true ? { create } : {}),
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(typeof tag === 'string' && tag !== '' ? { tag } : {}),
  }
}

export function pipeRows(
  pipes: readonly PipeBody[],
  drafts: readonly DraftDocument[],
  { q = '', tag }: PipeListSearch,
): PipeRow[] {
  const edited = new Map(
    drafts.flatMap(({ id, content }) =>
      id.endsWith('.pipe') ? [[id.slice(0, -'.pipe'.length), content.content] as const] : [],
    ),
  )
  const published = new Set(pipes.map(({ name }) => name))
  const made = [...edited].filter(([name, text]) => text !== null && !published.has(name))
  const rows = [
    ...pipes.map((pipe) => publishedRow(pipe, edited)),
    ...made.map(([name, text]) => draftedRow(name, text ?? '')),
  ]
  const wanted = q.toLowerCase()
  return rows
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
    .filter(({ tags }) => tag === undefined || tags.includes(tag))
    .sort((a, b) => a.name.localeCompare(b.name))
}

function publishedRow(pipe: PipeBody, edited: ReadonlyMap<string, string | null>): PipeRow {
  const { name, description, type, nodes, endpoint } = pipe
  const draft = edited.get(name)
  return {
    name,
    description: description ?? '',
    type: type in NODE_KINDS ? (type as NodeType) : 'standard',
    nodes: nodes.length,
    isEndpoint: endpoint !== null,
    tags: tagsOf(pipe['tags']),
    draft: draft === undefined ? 'none' : draft === null ? 'removed' : 'changed',
  }
}

function draftedRow(name: string, text: string): PipeRow {
  const pipe = parsePipeText(text)
  const special = pipe?.nodes.find(({ type }) => type !== 'standard')
  return {
    name,
    description: pipe?.description ?? '',
    type: special?.type ?? 'standard',
    nodes: pipe?.nodes.length ?? 0,
    isEndpoint: false,
    tags: [],
    draft: 'new',
  }
}

/** `{tags: 'a, b'}`, as the datafile says it. */
function tagsOf(tags: unknown): string[] {
  const text = (tags as { tags?: unknown } | undefined)?.tags
  if (typeof text !== 'string') return []
  return text
    .replaceAll('"', '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
