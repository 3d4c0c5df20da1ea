import { Page } from '@/ui/page.tsx'
import { Empty } from '@/ui/states.tsx'

export function LineagePage() {
  return (
    <Page title="Lineage">
      <Empty title="Not built yet" />
    </Page>
  )
}
