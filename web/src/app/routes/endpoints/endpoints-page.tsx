import { Page } from '@/ui/page.tsx'
import { Empty } from '@/ui/states.tsx'

export function EndpointsPage() {
  return (
    <Page title="Endpoints">
      <Empty title="Not built yet" />
    </Page>
  )
}
