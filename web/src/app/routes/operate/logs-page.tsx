import { getRouteApi } from '@tanstack/react-router'

import { selectionOf } from '@/features/logs/api/log-search.ts'
import { logSource } from '@/features/logs/api/log-sources.ts'
import { LogFilters } from '@/features/logs/components/log-filters.tsx'
import { LogHistogram } from '@/features/logs/components/log-histogram.tsx'
import { LogRows } from '@/features/logs/components/log-rows.tsx'
import { type LogControls, LogToolbar } from '@/features/logs/components/log-toolbar.tsx'
import { Page } from '@/ui/page.tsx'

type Changed = Parameters<LogControls['onChange']>[0]

const route = getRouteApi('/w/$place/logs')

export function LogsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const selection = selectionOf(search)
  const source = logSource(selection.source)
  const live = search.live === true
  const change = (changed: Changed, replace = !('row' in changed)): void =>
    void navigate({
      search: (before) => defined({ ...before, row: undefined, ...changed }),
      replace,
    })
  return (
    <Page title="Logs" about={source.about}>
      <LogToolbar search={search} onChange={(changed) => change(changed)} />
      <LogFilters
        key={selection.source}
        columns={[...new Set([...source.shown, ...source.searched])]}
        filters={selection.filters}
        onChange={(filters) => change({ filters: filters.length === 0 ? undefined : filters })}
      />
      <LogHistogram
        selection={selection}
        live={live}
        onSpan={(span) => change({ ...span, range: undefined, live: undefined }, false)}
      />
      <LogRows
        selection={selection}
        live={live}
        openRow={search.row}
        onOpen={(row) => change({ row })}
        onFilter={(column, value) =>
          change({ filters: [...selection.filters, { column, op: 'is', value }] })
        }
      />
    </Page>
  )
}

/** Without the members that are undefined. */
function defined<Value extends object>(
  value: Value,
): { [Name in keyof Value]?: NonNullable<Value[Name]> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [Name in keyof Value]?: NonNullable<Value[Name]>
  }
}
