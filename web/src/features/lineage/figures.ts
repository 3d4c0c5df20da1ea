// What the figures of the last day say, in words short enough for a graph.
import { formatCount, formatPercent, formatSeconds } from '@/lib/format.ts'

import { KINDS, type LineageEdge, type LineageNode } from './lineage-graph.ts'

/** More than this share of failures is not passing. */
const BAD_RATIO = 0.05

export function nodeNote(node: LineageNode): string {
  const { kind, rows, quarantined = 0, requests, errors = 0, p95 = 0 } = node
  if (requests !== undefined && requests > 0) {
    const failed = errors === 0 ? '' : `, ${formatPercent(errors / requests)} failed`
    return `${formatCount(requests)}/day, p95 ${formatSeconds(p95)}${failed}`
  }
  if (rows !== undefined && rows + quarantined > 0) {
    const refused = quarantined === 0 ? '' : `, ${formatCount(quarantined)} in quarantine`
    return `${formatCount(rows)} rows/day${refused}`
  }
  return KINDS[kind].toLowerCase()
}

export function nodeTone({
  requests = 0,
  errors = 0,
  quarantined = 0,
}: LineageNode): 'plain' | 'good' | 'warn' | 'bad' {
  if (errors > 0) return requests > 0 && errors / requests < BAD_RATIO ? 'warn' : 'bad'
  if (quarantined > 0) return 'warn'
  return requests > 0 ? 'good' : 'plain'
}

export function edgeLabel({ rows, requests }: LineageEdge): string | undefined {
  if (requests !== undefined && requests > 0) return `${formatCount(requests)} req/day`
  return rows !== undefined && rows > 0 ? `${formatCount(rows)} rows/day` : undefined
}

export function edgeTone({ failed = 0 }: LineageEdge): 'plain' | 'warn' | 'bad' {
  if (failed === 0) return 'plain'
  return failed < BAD_RATIO ? 'warn' : 'bad'
}
