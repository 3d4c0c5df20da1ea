import { RefreshCw } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'

import { formatCount } from '@/lib/format.ts'
import { Button } from '@/ui/button.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { ResultGrid } from '@/ui/result-grid.tsx'
import { Empty } from '@/ui/states.tsx'

import type { DataSourceDetail } from '../api/get-data-source.ts'
import { ROWS_MAX, useRowCount, useRows } from '../api/get-rows.ts'
import type { DetailSearch } from '../detail-search.ts'
import type { RowsRequest } from '../rows-sql.ts'
import { FilterBar } from './filter-bar.tsx'
import { type Row, RowDialog } from './row-dialog.tsx'

export interface DataTabProps {
  source: DataSourceDetail
  search: DetailSearch
  onSearch: (search: DetailSearch) => void
}

/** The rows, sorted and filtered by the engine, loaded as they are scrolled to. */
export function DataTab({ source, search, onSearch }: DataTabProps) {
  const [open, setOpen] = useState<Row | null>(null)
  const request = useMemo(() => requestOf(source, search), [source, search])
  const query = useRows(request)
  const count = useRowCount(request)
  const { hasNextPage, isFetching, fetchNextPage } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage])
  const rows = useMemo(() => query.data?.pages.flatMap(({ data }) => data) ?? [], [query.data])
  const filters = search.filters ?? []
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <FilterBar
          columns={source.columns}
          filters={filters}
          onChange={(changed) => onSearch({ ...search, filters: changed })}
        />
        <span role="status" className="ml-auto text-xs text-muted">
          {count.data === undefined ? '' : `${formatCount(count.data)} rows`}
          {rows.length >= ROWS_MAX ? `, the first ${formatCount(ROWS_MAX)} here` : ''}
        </span>
        <Button
          busy={query.isRefetching}
          onClick={() => void Promise.all([query.refetch(), count.refetch()])}
        >
          <RefreshCw size={14} aria-hidden />
          Refresh
        </Button>
      </div>
      <QueryView query={query}>
        {(data) =>
          rows.length === 0 ? (
            <NoRows isFiltered={filters.length > 0} engine={source.engine.engine} />
          ) : (
            <ResultGrid
              label={`Rows of ${source.name}`}
              columns={data.pages[0]?.meta ?? []}
              rows={rows}
              rowCount={count.data ?? rows.length}
              onNearEnd={more}
              sort={request.sort}
              onSort={({ column, descending }) =>
                onSearch({ ...search, sort: column, desc: descending })
              }
              onRow={setOpen}
              heightPx={560}
            />
          )
        }
      </QueryView>
      <RowDialog row={open} columns={source.columns} onClose={() => setOpen(null)} />
    </div>
  )
}

function NoRows({ isFiltered, engine }: { isFiltered: boolean; engine: string }) {
  if (isFiltered)
    return <Empty title="No row fits these filters">Remove one to see more rows.</Empty>
  if (engine === 'Null')
    return <Empty title="This data source keeps no rows">It only feeds its materializations.</Empty>
  return <Empty title="No rows yet">Append a file, or post events as the tab Use shows.</Empty>
}

function requestOf(source: DataSourceDetail, search: DetailSearch): RowsRequest {
  const { name, columns, sorting_key: sortingKey } = source
  const known = (column: string): boolean => columns.some((each) => each.name === column)
  const filters = (search.filters ?? []).filter(({ c }) => known(c))
  const { sort: column, desc = false } = search
  const sort = column === undefined || !known(column) ? undefined : { column, descending: desc }
  return { name, columns, sortingKey, filters, sort }
}
