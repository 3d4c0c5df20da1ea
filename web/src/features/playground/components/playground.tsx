import { useState } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { ErrorBox, Loading } from '@/ui/states.tsx'

import { useSavedQuery } from '../api/get-query.ts'
import { keepTabs, NEW_TAB, type OpenTab, readTabs, withTab } from '../open-tabs.ts'
import { QueryEditor } from './query-editor.tsx'
import { QueryTabs } from './query-tabs.tsx'
import { SavedQueries } from './saved-queries.tsx'

/** Queries that are open as tabs, the saved ones beside them. @param query id of the one that is shown; undefined: a new one. */
export function Playground({
  query,
  onQuery,
}: {
  query: string | undefined
  onQuery: (query: string | undefined) => void
}) {
  const { place } = useApi()
  const [tabs, setTabs] = useState<readonly OpenTab[]>(() => readTabs(place))
  const change = (next: readonly OpenTab[]): void => {
    setTabs(next)
    keepTabs(place, next)
  }
  const shown = query ?? NEW_TAB.id
  const saved = useSavedQuery(query ?? null)
  const tab = tabs.find(({ id }) => id === shown) ?? {
    ...NEW_TAB,
    id: shown,
    ...(saved.data === undefined ? {} : { name: saved.data.name }),
  }
  const open = (id: string): void => onQuery(id === NEW_TAB.id ? undefined : id)
  const close = (id: string): void => {
    const left = tabs.filter((each) => each.id !== id)
    change(left)
    if (id === shown) open(left.at(-1)?.id ?? NEW_TAB.id)
  }
  return (
    <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[14rem_minmax(0,1fr)]">
      <SavedQueries shown={query} onOpen={open} onGone={close} />
      <div className="flex min-w-0 flex-col gap-3">
        <QueryTabs
          tabs={withTab(tabs, tab)}
          shown={shown}
          onOpen={open}
          onClose={close}
          onNew={() => open(NEW_TAB.id)}
        />
        {query !== undefined && saved.isPending ? <Loading /> : null}
        {saved.isError ? <ErrorBox error={saved.error} /> : null}
        {query !== undefined && saved.data === undefined ? null : (
          <QueryEditor
            key={shown}
            saved={saved.data ?? null}
            unsaved={tab.unsaved}
            onType={(unsaved) => change(withTab(tabs, { ...tab, unsaved }))}
            onSaved={({ id, name }) => {
              change(
                withTab(
                  tabs.filter((each) => each.id !== shown),
                  { id, name, unsaved: null },
                ),
              )
              open(id)
            }}
          />
        )}
      </div>
    </div>
  )
}
