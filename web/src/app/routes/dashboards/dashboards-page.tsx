import { Page } from '@/ui/page.tsx'
import { Empty } from '@/ui/states.tsx'

export function DashboardsPage() {
  return (
    <Page title="Dashboards">
      <Empty title="Not built yet" />
    </Page>
  )
}
