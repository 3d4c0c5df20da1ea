import type { Tone } from '@/ui/badge.tsx'

import type { NodeType } from './pipe-text.ts'

/** What a node is for, in a word. */
export const NODE_KINDS: Readonly<Record<NodeType, { label: string; tone: Tone }>> = {
  standard: { label: 'Node', tone: 'plain' },
  endpoint: { label: 'Endpoint', tone: 'good' },
  materialized: { label: 'Materialized', tone: 'accent' },
  copy: { label: 'Copy', tone: 'warn' },
  sink: { label: 'Sink', tone: 'plain' },
}
