import { getRouteApi } from '@tanstack/react-router'

import { NewPipe } from '@/features/pipes/components/new-pipe.tsx'
import { PipeList } from '@/features/pipes/components/pipe-list.tsx'
import { DownloadProject } from '@/features/publish/components/download-project.tsx'
import { PublishLink } from '@/features/publish/components/publish-link.tsx'
import { IfMay } from '@/lib/rights/if-may.tsx'
import { Button } from '@/ui/button.tsx'
import { Page } from '@/ui/page.tsx'

const route = getRouteApi('/w/$place/pipes')

export function PipesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { place } = route.useParams()
  const setAsking = (create: boolean): void => {
    const { create: _, ...rest } = search
    void navigate({ search: create ? { ...rest, create } : rest, replace: true })
  }
  return (
    <Page
      title="Pipes"
      about="SQL in nodes that read each other: endpoints, materializations, copies."
      actions={
        <IfMay act="change the workspace">
          <DownloadProject place={place} />
          <PublishLink />
          <Button look="primary" onClick={() => setAsking(true)}>
            New pipe
          </Button>
        </IfMay>
      }
    >
      <PipeList
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true })}
        onNew={() => setAsking(true)}
      />
      {search.create === true ? (
        <NewPipe
          onClose={() => setAsking(false)}
          onMade={(pipe) =>
            void navigate({ to: '/w/$place/pipes/$pipe', params: { place, pipe }, search: {} })
          }
        />
      ) : null}
    </Page>
  )
}
