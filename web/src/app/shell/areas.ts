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
  /** After `g` it leads there. */
  key: string
}

/** The rail and the command palette show these, in this order. An area without pages is not listed. */
export const AREAS: readonly Area[] = [
  { path: '', label: 'Overview', icon: Activity, group: 'build', key: 'o' },
  { path: 'data-sources', label: 'Data sources', icon: Database, group: 'build', key: 'd' },
  { path: 'pipes', label: 'Pipes', icon: Workflow, group: 'build', key: 'p' },
  { path: 'endpoints', label: 'Endpoints', icon: Braces, group: 'build', key: 'e' },
  { path: 'playground', label: 'Playground', icon: FileTerminal, group: 'build', key: 'y' },
  { path: 'dashboards', label: 'Dashboards', icon: ChartColumn, group: 'build', key: 'b' },
  { path: 'lineage', label: 'Lineage', icon: Network, group: 'build', key: 'l' },
  { path: 'deployments', label: 'Deployments', icon: Rocket, group: 'operate', key: 'r' },
  { path: 'jobs', label: 'Jobs', icon: ListTodo, group: 'operate', key: 'j' },
  { path: 'logs', label: 'Logs', icon: ScrollText, group: 'operate', key: 'x' },
  { path: 'tokens', label: 'Tokens', icon: KeyRound, group: 'operate', key: 't' },
  { path: 'settings', label: 'Settings', icon: SlidersHorizontal, group: 'operate', key: 's' },
]
