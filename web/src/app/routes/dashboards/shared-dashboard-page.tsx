import { Page } from '@/ui/page.tsx'
import { Empty } from '@/ui/states.tsx'

export function SharedDashboardPage() {
  return (
    <Page title="Dashboard">
      <Empty title="Not built yet" />
    </Page>
  )
}
