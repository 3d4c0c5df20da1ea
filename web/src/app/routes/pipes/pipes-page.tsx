import { Page } from '@/ui/page.tsx'
import { Empty } from '@/ui/states.tsx'

export function PipesPage() {
  return (
    <Page title="Pipes">
      <Empty title="Not built yet" />
    </Page>
  )
}
