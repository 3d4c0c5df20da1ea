import type { DashboardDocument } from '@sandpiper/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'

import { useDashboard } from '@/features/dashboards/api/get-dashboard.ts'
import { ChosenBar } from '@/features/dashboards/components/chosen-bar.tsx'
import { DashboardActions } from '@/features/dashboards/components/dashboard-actions.tsx'
import { DashboardEditor } from '@/features/dashboards/components/dashboard-editor.tsx'
import { DashboardTiles } from '@/features/dashboards/components/dashboard-tiles.tsx'
import { FullScreen } from '@/features/dashboards/components/full-screen.tsx'
import { dashboardKeys } from '@/features/dashboards/keys.ts'
import { useApi } from '@/lib/api-context.ts'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty } from '@/ui/states.tsx'

import { chosenOf, type DashboardSearch, readDashboardSearch, searchOf } from './search.ts'

const route = getRouteApi('/w/$place/dashboards/$dashboard')

export function DashboardPage() {
  const { dashboard: id } = route.useParams()
  const dashboard = useDashboard(id)
  return (
    <QueryView query={dashboard}>{(document) => <OneDashboard document={document} />}</QueryView>
  )
}

function OneDashboard({ document }: { document: DashboardDocument }) {
  const { place } = route.useParams()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/w/$place/dashboards/$dashboard' })
  const client = useQueryClient()
  const api = useApi()
  const { content } = document
  const chosen = chosenOf(search, content.time_range)
  const change = (changed: Record<string, unknown>): void =>
    void navigate({
      search: (before: DashboardSearch) => readDashboardSearch({ ...before, ...changed }),
      replace: true,
    })
  const bar = (
    <ChosenBar
      parameters={content.parameters}
      chosen={chosen}
      onChange={(next) => change({ ...searchOf(next) })}
    />
  )
  if (search.full === true)
    return (
      <FullScreen title={content.name} bar={bar} onLeave={() => change({ full: false })}>
        <DashboardTiles dashboard={content} chosen={chosen} />
      </FullScreen>
    )
  return (
    <Page
      title={content.name}
      about={content.description}
      actions={
        search.edit === true ? undefined : (
          <DashboardActions
            document={document}
            onEdit={() => change({ edit: true })}
            onFull={() => change({ full: true })}
            onRefresh={() =>
              void client.invalidateQueries({ queryKey: dashboardKeys.rows(api.place) })
            }
            onRemoved={() => void navigate({ to: '/w/$place/dashboards', params: { place } })}
          />
        )
      }
    >
      <div className="flex flex-wrap items-end gap-3">{bar}</div>
      {search.edit === true ? (
        <DashboardEditor
          key={document.revision}
          document={document}
          chosen={chosen}
          onDone={() => change({ edit: false })}
          isEditedWith={(next) => readDashboardSearch({ ...next }).edit === true}
          onReload={() =>
            void client.invalidateQueries({ queryKey: dashboardKeys.one(api.place, document.id) })
          }
        />
      ) : content.tiles.length === 0 ? (
        <Empty title="No tiles yet">Edit it, and add a tile.</Empty>
      ) : (
        <DashboardTiles dashboard={content} chosen={chosen} />
      )}
    </Page>
  )
}
