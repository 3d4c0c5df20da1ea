import {
  Activity,
  Braces,
  ChartColumn,
  Database,
  FileTerminal,
  KeyRound,
  ListTodo,
  type LucideIcon,
  Network,
  Rocket,
  ScrollText,
  SlidersHorizontal,
  Workflow,
} from 'lucide-react'

export interface Area {
  /** Below `/w/<place>`; empty for the overview. */
  path: string
  label: string
  icon: LucideIcon
  group: 'build' | 'operate'
}

/** The rail and the command palette show these, in this order. An area without pages is not listed. */
export const AREAS: readonly Area[] = [
  { path: '', label: 'Overview', icon: Activity, group: 'build' },
  { path: 'data-sources', label: 'Data sources', icon: Database, group: 'build' },
  { path: 'pipes', label: 'Pipes', icon: Workflow, group: 'build' },
  { path: 'endpoints', label: 'Endpoints', icon: Braces, group: 'build' },
  { path: 'playground', label: 'Playground', icon: FileTerminal, group: 'build' },
  { path: 'dashboards', label: 'Dashboards', icon: ChartColumn, group: 'build' },
  { path: 'lineage', label: 'Lineage', icon: Network, group: 'build' },
  { path: 'deployments', label: 'Deployments', icon: Rocket, group: 'operate' },
  { path: 'jobs', label: 'Jobs', icon: ListTodo, group: 'operate' },
  { path: 'logs', label: 'Logs', icon: ScrollText, group: 'operate' },
  { path: 'tokens', label: 'Tokens', icon: KeyRound, group: 'operate' },
  { path: 'settings', label: 'Settings', icon: SlidersHorizontal, group: 'operate' },
]
