import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'

import { useDashboard } from '@/features/dashboards/api/get-dashboard.ts'
import { ChosenBar } from '@/features/dashboards/components/chosen-bar.tsx'
import { DashboardTiles } from '@/features/dashboards/components/dashboard-tiles.tsx'
import { shareToken } from '@/features/dashboards/share-token.ts'
import { visibleParameters } from '@/features/dashboards/share-params.ts'
import { createApi } from '@/lib/api-client.ts'
import { ApiContext } from '@/lib/api-context.ts'
import { isForbidden } from '@/lib/api-error.ts'
import { endpointsOf } from '@/lib/endpoints/endpoint-description.ts'
import { useOpenapi } from '@/lib/endpoints/get-openapi.ts'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty, messageOf } from '@/ui/states.tsx'

import { chosenOf, searchOf } from './search.ts'

const route = getRouteApi('/shared/$dashboard')

/** No shell and no session: whatever this page shows it asks for with the JWT of the link. */
export function SharedDashboardPage() {
  const { dashboard: id } = route.useParams()
  const token = shareToken(id)
  // Never the cache of somebody who is signed in: the place is the link's own.
  const api = useMemo(
    () => (token === null ? null : createApi(`shared ${id} ${token.slice(-12)}`, token)),
    [id, token],
  )
  return (
    <main className="min-h-full overflow-auto">
      {api === null ? (
        <NotShared why="Open the whole link that you were given, with all that stands behind #." />
      ) : (
        <ApiContext value={api}>
          <SharedDashboard />
        </ApiContext>
      )}
    </main>
  )
}

function SharedDashboard() {
  const { dashboard: id } = route.useParams()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/shared/$dashboard' })
  const dashboard = useDashboard(id)
  const openapi = useOpenapi()
  if (isForbidden(dashboard.error)) return <NotShared why={messageOf(dashboard.error)} />
  return (
    <QueryView query={dashboard}>
      {({ content }) => {
        const chosen = chosenOf(search, content.time_range)
        const endpoints = openapi.data === undefined ? [] : endpointsOf(openapi.data)
        return (
          <Page title={content.name} about={content.description}>
            <div className="flex flex-wrap items-end gap-3">
              <ChosenBar
                parameters={visibleParameters(content.parameters, endpoints)}
                chosen={chosen}
                onChange={(next) => void navigate({ search: searchOf(next), replace: true })}
              />
            </div>
            <DashboardTiles dashboard={content} chosen={chosen} />
          </Page>
        )
      }}
    </QueryView>
  )
}

function NotShared({ why }: { why: string }) {
  return (
    <Page title="Dashboard">
      <Empty title="This link does not open it">
        <p role="alert">{why}</p>
        <p>Ask whoever gave it to you for a new one.</p>
      </Empty>
    </Page>
  )
}
