// What the editor of a node completes: tables with columns, and words of SQL and templates.
import type { ConsoleCheckBody, DataSourceBody, PipeBody } from '@sandpiper/contracts'

import type { Completions } from '@/ui/editor/code-editor-props.ts'

import { TEMPLATE_WORDS } from './template-words.ts'

export interface Known {
  dataSources: readonly DataSourceBody[]
  pipes: readonly PipeBody[]
  functions: readonly string[]
  check: ConsoleCheckBody | undefined
}

export function completionsOf(
  { dataSources, pipes, functions, check }: Known,
  nodes: readonly { name: string }[],
): Completions {
  const columns = new Map(check?.nodes.map((each) => [each.name, each.columns ?? []]))
  return {
    tables: Object.fromEntries([
      ...pipes.map(({ name }): [string, string[]] => [name, []]),
      ...dataSources.map((each) => [each.name, each.columns.map(({ name }) => name)] as const),
      ...nodes.map(
        ({ name }) => [name, (columns.get(name) ?? []).map((each) => each.name)] as const,
      ),
    ]),
    words: [
      ...(check?.parameters ?? []).map(({ name, type }) => ({
        label: name,
        detail: `parameter ${type}`,
      })),
      ...functions.map((label) => ({ label, detail: 'function' })),
      ...TEMPLATE_WORDS.map((label) => ({ label, detail: 'template' })),
    ],
  }
}
