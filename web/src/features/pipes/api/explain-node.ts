import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { sentParams } from '@/lib/endpoints/call-endpoint.ts'

import type { NodeRun } from './run-node.ts'

export interface NodePlan {
  debug_query: string
  query_explain: string
}

/** The plan of a node as it stands in the editor, asked anew each time it is opened. */
export function useNodePlan({ nodes, node, params }: NodeRun) {
  const api = useApi()
  return useQuery({
    queryKey: [api.place, 'pipes', 'plan', api.token, nodes, node, params],
    queryFn: ({ signal }) =>
      api.json<NodePlan>('/v0/console/run', {
        method: 'POST',
        json: {
          nodes: nodes.map(({ name, sql }) => ({ name, sql })),
          ...{ node, parameters: sentParams(params), explain: true },
        },
        signal,
      }),
    gcTime: 0,
  })
}
