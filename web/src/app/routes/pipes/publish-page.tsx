import { getRouteApi } from '@tanstack/react-router'

import { PublishPanel } from '@/features/publish/components/publish-panel.tsx'
import { Page } from '@/ui/page.tsx'

const route = getRouteApi('/w/$place/publish')

export function PublishPage() {
  const { without = [] } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page
      title="Publish"
      about="Your drafts become a deployment of the live project. All of it is live at once, or none."
    >
      <PublishPanel
        left={without}
        onLeft={(left) =>
          void navigate({ search: left.length === 0 ? {} : { without: [...left] }, replace: true })
        }
      />
    </Page>
  )
}
