import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'

const PIPE_TABS = ['nodes', 'file', 'changes'] as const

export type PipeTab = (typeof PIPE_TABS)[number]

export interface PipeSearch {
  tab?: PipeTab
  /** What nodes run with. */
  params?: ParamValues
}

export function readPipeSearch(search: Record<string, unknown>): PipeSearch {
  const { tab, params } = search
  return {
    ...(PIPE_TABS.includes(tab as PipeTab) ? { tab: tab as PipeTab } : {}),
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
