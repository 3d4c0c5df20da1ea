import type { PipeFile, PipeNode } from '@sandpiper/datafile'

/** What a copy pipe does. */
export interface PipeCopy {
  readonly node: PipeNode
  /** Name of the target data source. */
  readonly target: string
  readonly mode: 'append' | 'replace'
  /** Five fields in UTC; null when it runs on demand only. */
  readonly schedule: string | null
}

/** The copy of a pipe; null for other pipes. Source: Tinybird copy pipes reference (defaults append and @on-demand), read 2026-11. */
export function copyOf(pipe: PipeFile): PipeCopy | null {
  const node = pipe.nodes.find((each) => each.type === 'copy')
  if (node === undefined) return null
  const schedule = node.settings['COPY_SCHEDULE']?.trim() ?? '@on-demand'
  return {
    node,
    target: node.settings['TARGET_DATASOURCE'] ?? '',
    mode: node.settings['COPY_MODE']?.toLowerCase() === 'replace' ? 'replace' : 'append',
    schedule: schedule.toLowerCase() === '@on-demand' ? null : schedule,
  }
}
