import { getRouteApi } from '@tanstack/react-router'

import { BranchList } from '@/features/branches/components/branch-list.tsx'
import { ConnectionList } from '@/features/connections/components/connection-list.tsx'
import { LimitList } from '@/features/limits/components/limit-list.tsx'
import { MetricList } from '@/features/metrics/components/metric-list.tsx'
import { VariableList } from '@/features/variables/components/variable-list.tsx'
import { WorkspaceCards } from '@/features/workspace/components/workspace-card.tsx'
import { Page } from '@/ui/page.tsx'
import { type Tab, Tabs } from '@/ui/tabs.tsx'

import type { SettingsTab } from './settings-tabs.ts'

const route = getRouteApi('/w/$place/settings')

export function SettingsPage() {
  const { tab = 'workspace' } = route.useSearch()
  const navigate = route.useNavigate()
  const enter = (place: string): void => void navigate({ to: '/w/$place', params: { place } })
  const tabs: (Tab & { id: SettingsTab })[] = [
    { id: 'workspace', label: 'Workspace', content: () => <WorkspaceCards /> },
    { id: 'secrets', label: 'Secrets', content: () => <VariableList /> },
    { id: 'branches', label: 'Branches', content: () => <BranchList onEnter={enter} /> },
    { id: 'limits', label: 'Limits', content: () => <LimitList /> },
    { id: 'connections', label: 'Connections', content: () => <ConnectionList /> },
    { id: 'metrics', label: 'Metrics', content: () => <MetricList /> },
  ]
  return (
    <Page title="Settings">
      <Tabs
        label="Settings"
        tabs={tabs}
        value={tab}
        onChange={(id) => void navigate({ search: { tab: id as SettingsTab } })}
      />
    </Page>
  )
}
