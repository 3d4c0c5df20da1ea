import { getRouteApi } from '@tanstack/react-router'

import { useFirstSources } from '@/features/overview/api/get-first-sources.ts'
import { useRequests } from '@/features/overview/api/get-requests.ts'
import { type RangeId, RANGES } from '@/features/overview/api/ranges.ts'
import { Busiest } from '@/features/overview/components/busiest.tsx'
import { FirstRun } from '@/features/overview/components/first-run.tsx'
import { OverviewTiles } from '@/features/overview/components/overview-tiles.tsx'
import { TrafficCharts } from '@/features/overview/components/traffic-charts.tsx'
import { Warnings } from '@/features/overview/components/warnings.tsx'
import { isForbidden } from '@/lib/api-error.ts'
import { SelectField } from '@/ui/field.tsx'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { ErrorBox } from '@/ui/states.tsx'

const route = getRouteApi('/w/$place/')

export function OverviewPage() {
  const { range = '1h' } = route.useSearch()
  const navigate = route.useNavigate()
  const dataSources = useFirstSources()
  const { error } = useRequests(range)
  // A token that sees no data source does not live in an empty workspace.
  const isEmpty = dataSources.data?.length === 0 && !isForbidden(error)
  return (
    <Page
      title="Overview"
      about={isEmpty ? undefined : 'Live. Each number leads to where it comes from.'}
      actions={
        isEmpty ? undefined : (
          <SelectField
            label="Time range"
            hideLabel
            options={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
            value={range}
            onChange={(event) =>
              void navigate({ search: { range: event.target.value as RangeId }, replace: true })
            }
          />
        )
      }
    >
      {isForbidden(error) ? (
        <ErrorBox error={error} />
      ) : (
        <QueryView query={dataSources}>
          {() => (isEmpty ? <FirstRun /> : <Figures range={range} />)}
        </QueryView>
      )}
    </Page>
  )
}

function Figures({ range }: { range: RangeId }) {
  return (
    <>
      <Warnings />
      <OverviewTiles range={range} />
      <TrafficCharts range={range} />
      <Busiest range={range} />
    </>
  )
}
