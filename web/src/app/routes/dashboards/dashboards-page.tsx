import { getRouteApi, useNavigate } from '@tanstack/react-router'

import { DashboardList } from '@/features/dashboards/components/dashboard-list.tsx'
import { Page } from '@/ui/page.tsx'

import { readDashboardsSearch } from './search.ts'

const route = getRouteApi('/w/$place/dashboards')

export function DashboardsPage() {
  const { q = '', create = false } = route.useSearch()
  const { place } = route.useParams()
  const navigate = useNavigate({ from: '/w/$place/dashboards' })
  return (
    <Page
      title="Dashboards"
      about="Rows of endpoints and of SQL as charts, for you and for whom you give a link."
    >
      <DashboardList
        search={q}
        onSearch={(search) =>
          void navigate({ search: readDashboardsSearch({ q: search }), replace: true })
        }
        isNaming={create}
        onNaming={(naming) =>
          void navigate({ search: readDashboardsSearch({ q, create: naming }), replace: true })
        }
        onCreated={(dashboard) =>
          void navigate({
            to: '/w/$place/dashboards/$dashboard',
            params: { place, dashboard },
            search: { edit: true },
          })
        }
      />
    </Page>
  )
}
