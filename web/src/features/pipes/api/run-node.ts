import { useMutation } from '@tanstack/react-query'

import type { Api, SqlResult } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'
import { sentParams } from '@/lib/endpoints/call-endpoint.ts'
import { quoteName } from '@/lib/sql-text.ts'

export interface NodeRun {
  nodes: readonly { name: string; sql: string }[]
  node: string
  params: ParamValues
}

export interface NodeAnswer {
  result: SqlResult
  milliseconds: number
}

/** Rows that are shown of a node: enough to look at, few enough for a page. */
export const PREVIEW_ROWS = 10_000

/** Runs a node that may not be published. @throws ApiError with the node and line that it is about. */
async function runNode(api: Api, { nodes, node, params }: NodeRun): Promise<NodeAnswer> {
  const started = performance.now()
  const preview = `preview_of_${node}`
  const sql = `SELECT * FROM ${quoteName(node)} LIMIT ${PREVIEW_ROWS + 1}`
  const result = await api.json<SqlResult>('/v0/console/run', {
    method: 'POST',
    json: {
      nodes: [...nodes.map(({ name, sql: text }) => ({ name, sql: text })), { name: preview, sql }],
      node: preview,
      parameters: sentParams(params),
    },
  })
  return { result, milliseconds: performance.now() - started }
}

export function useRunNode() {
  const api = useApi()
  return useMutation({ mutationFn: (run: NodeRun) => runNode(api, run) })
}
