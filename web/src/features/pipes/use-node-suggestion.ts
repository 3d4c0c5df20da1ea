import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { useLiveFile } from '@/lib/project/get-live-file.ts'

import { useSuggestion } from './api/get-suggestion.ts'
import { isAsPublished } from './live-node.ts'
import type { PipeNodeText } from './pipe-text.ts'

/** The server's suggestion where it can make one: for a published node that was not edited, into a data source that is new or published. */
export function useNodeSuggestion(about: {
  pipe: string
  nodes: readonly PipeNodeText[]
  node: PipeNodeText
  /** null: a new one. */
  target: string | null
}) {
  const { pipe, nodes, node, target } = about
  const live = useLiveFile(`${pipe}.pipe`)
  const dataSources = useDataSources()
  const isKnown = target === null || dataSources.data?.some(({ name }) => name === target) === true
  return useSuggestion(
    { pipe, node: node.name, target },
    isKnown && isAsPublished(nodes, node.name, live.data ?? null),
  )
}
