import { Page } from '@/ui/page.tsx'
import { Empty } from '@/ui/states.tsx'

export function DataSourcesPage() {
  return (
    <Page title="Data sources">
      <Empty title="Not built yet" />
    </Page>
  )
}
