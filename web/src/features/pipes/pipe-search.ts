import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'

const PIPE_TABS = ['nodes', 'file', 'changes', 'history'] as const

export type PipeTab = (typeof PIPE_TABS)[number]

export interface PipeSearch {
  tab?: PipeTab
  /** Of the history: number of the deployment. */
  version?: number
  /** What nodes run with. */
  params?: ParamValues
}

export function readPipeSearch(search: Record<string, unknown>): PipeSearch {
  const { tab, version, params } = search
  return {
    ...(PIPE_TABS.includes(tab as PipeTab) ? { tab: tab as PipeTab } : {}),
    ...(typeof version === 'number' && Number.isSafeInteger(version) ? { version } : {}),
    ...(typeof params === 'object' && params !== null ? { params: textsOf(params) } : {}),
  }
}

function textsOf(params: object): ParamValues {
  return Object.fromEntries(
    Object.entries(params)
      .slice(0, 100)
      .flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
      ),
  )
}
