import { formatCount } from '@/lib/format.ts'
import { ResultGrid } from '@/ui/result-grid.tsx'
import { Empty, ErrorBox, Loading } from '@/ui/states.tsx'

import { useLogRows } from '../api/get-log-rows.ts'
import type { LogSelection } from '../api/log-search.ts'
import { logSource } from '../api/log-sources.ts'
import { rowKey } from '../api/row-key.ts'
import { LogRowDialog } from './log-row-dialog.tsx'

interface LogRowsProps {
  selection: LogSelection
  live: boolean
  /** Key of the row whose detail is open. */
  openRow: string | undefined
  onOpen: (key: string | undefined) => void
  onFilter: (column: string, value: string) => void
}

/** The rows, newest first; more come as the end comes near. */
export function LogRows({ selection, live, openRow, onOpen, onFilter }: LogRowsProps) {
  const query = useLogRows(selection, live)
  const { data, isError, error, hasNextPage, isFetchingNextPage } = query
  if (isError && !query.isFetchNextPageError)
    return <ErrorBox error={error} onRetry={() => void query.refetch()} />
  if (data === undefined) return <Loading rows={10} />
  const rows = data.pages.flatMap((page) => page.data)
  if (rows.length === 0)
    return (
      <Empty title="Nothing was noted">
        No row of this log is in the time and has what is asked for. Rows come a second or two after
        what they tell of.
      </Empty>
    )
  const open = openRow === undefined ? undefined : rows.find((row) => rowKey(row) === openRow)
  return (
    <>
      <ResultGrid
        label="Rows of the log"
        columns={shownColumns(selection, data.pages[0]?.meta ?? [])}
        rows={rows}
        onRow={(row) => onOpen(rowKey(row))}
        onNearEnd={() => {
          if (hasNextPage && !isFetchingNextPage) void query.fetchNextPage()
        }}
        heightPx={560}
      />
      <p className="text-xs text-muted" role="status">
        {isFetchingNextPage
          ? 'Loading more'
          : `${formatCount(rows.length)} rows${hasNextPage ? ', more below' : ''}`}
      </p>
      {open === undefined ? null : (
        <LogRowDialog
          source={selection.source}
          row={open}
          onClose={() => onOpen(undefined)}
          onFilter={onFilter}
        />
      )}
    </>
  )
}

function shownColumns(
  { source }: LogSelection,
  meta: readonly { name: string; type: string }[],
): { name: string; type: string }[] {
  const types = new Map(meta.map(({ name, type }) => [name, type]))
  return logSource(source)
    .shown.filter((name) => types.has(name))
    .map((name) => ({ name, type: types.get(name) ?? '' }))
}
