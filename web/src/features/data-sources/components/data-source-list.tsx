import { isForbidden } from '@/lib/api-error.ts'
import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { IfMay } from '@/lib/rights/if-may.tsx'
import { buttonClass } from '@/ui/button.tsx'
import { TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty } from '@/ui/states.tsx'

import { useLastEvents } from '../api/get-last-events.ts'
import { listRows, type ListSearch } from '../data-source-list.ts'
import { DataSourceTable } from './data-source-table.tsx'

export function DataSourceList({
  search,
  onSearch,
}: {
  search: ListSearch
  onSearch: (search: ListSearch) => void
}) {
  const lastEvents = useLastEvents()
  return (
    <QueryView query={useDataSources()}>
      {(sources) => {
        if (sources.length === 0) return <NoDataSources />
        const rows = listRows(sources, lastEvents.data, search)
        return (
          <div className="flex flex-col gap-3">
            <div className="max-w-sm">
              <TextField
                label="Search data sources"
                hideLabel
                type="search"
                placeholder="Search by name or description"
                value={search.q ?? ''}
                onChange={({ target }) => onSearch({ ...search, q: target.value })}
              />
            </div>
            {rows.length === 0 ? (
              <Empty title="No data source has that name">
                Clear the search to see all {sources.length}.
              </Empty>
            ) : (
              <Card pad={false}>
                <DataSourceTable
                  rows={rows}
                  search={search}
                  hasLastEvents={!isForbidden(lastEvents.error)}
                  onSort={(sort, desc) => onSearch({ ...search, sort, desc })}
                />
              </Card>
            )}
          </div>
        )
      }}
    </QueryView>
  )
}

function NoDataSources() {
  return (
    <Empty title="No data sources yet">
      <p className="mb-3">
        A data source is a table that events and files go into. Make one of a CSV, NDJSON or Parquet
        file, or of one event.
      </p>
      <IfMay act="create data sources">
        <PlaceLink to="data-sources/-/new" className={buttonClass('primary')}>
          Create a data source
        </PlaceLink>
      </IfMay>
    </Empty>
  )
}
