import { Page } from '@/ui/page.tsx'
import { Empty } from '@/ui/states.tsx'

export function DeploymentsPage() {
  return (
    <Page title="Deployments">
      <Empty title="Not built yet" />
    </Page>
  )
}
