import { getRouteApi } from '@tanstack/react-router'

import { type RangeId, RANGES } from '@/features/overview/api/ranges.ts'
import { Busiest } from '@/features/overview/components/busiest.tsx'
import { FirstRun } from '@/features/overview/components/first-run.tsx'
import { OverviewTiles } from '@/features/overview/components/overview-tiles.tsx'
import { TrafficCharts } from '@/features/overview/components/traffic-charts.tsx'
import { Warnings } from '@/features/overview/components/warnings.tsx'
import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { SelectField } from '@/ui/field.tsx'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'

const route = getRouteApi('/w/$place/')

export function OverviewPage() {
  const { range = '1h' } = route.useSearch()
  const navigate = route.useNavigate()
  const dataSources = useDataSources()
  const isEmpty = dataSources.data?.length === 0
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
      <QueryView query={dataSources}>
        {(found) => (found.length === 0 ? <FirstRun /> : <Figures range={range} />)}
      </QueryView>
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
