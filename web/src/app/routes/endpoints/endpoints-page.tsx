import { getRouteApi, useNavigate } from '@tanstack/react-router'

import { EndpointList } from '@/features/endpoints/components/endpoint-list.tsx'
import { Page } from '@/ui/page.tsx'

import { readEndpointsSearch } from './search.ts'

const route = getRouteApi('/w/$place/endpoints')

export function EndpointsPage() {
  const { q = '', range = '24h' } = route.useSearch()
  const navigate = useNavigate({ from: '/w/$place/endpoints' })
  return (
    <Page
      title="Endpoints"
      about="Queries that answer over HTTP, with what they cost and how they fail."
    >
      <EndpointList
        search={q}
        range={range}
        onSearch={(search) =>
          void navigate({
            search: (before) => readEndpointsSearch({ ...before, q: search }),
            replace: true,
          })
        }
        onRange={(chosen) =>
          void navigate({ search: (before) => ({ ...before, range: chosen }), replace: true })
        }
      />
    </Page>
  )
}
