import type { ReactNode } from 'react'

interface GraphNode {
  id: string
  content: ReactNode
}

export interface GraphEdge {
  from: string
  to: string
  label?: string | undefined
  tone?: 'plain' | 'warn' | 'bad' | undefined
}

export interface GraphProps {
  label: string
  nodes: readonly GraphNode[]
  edges: readonly GraphEdge[]
  nodeWidthPx: number
  nodeHeightPx: number
  heightPx: number
  /** Brought into the middle. */
  focus?: string | undefined
}
