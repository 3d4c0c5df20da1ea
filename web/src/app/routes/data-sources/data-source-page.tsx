import { useNavigate, useParams, useSearch } from '@tanstack/react-router'

import { useDataSource } from '@/features/data-sources/api/get-data-source.ts'
import { DataSourceFacts } from '@/features/data-sources/components/data-source-header.tsx'
import type { DetailSearch, DetailTab } from '@/features/data-sources/detail-search.ts'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Tabs } from '@/ui/tabs.tsx'

import { DataSourceActions } from './data-source-actions.tsx'
import { tabsOf } from './data-source-tabs.tsx'

export function DataSourcePage() {
  const { place, name } = useParams({ from: '/w/$place/data-sources/$name' })
  const search = useSearch({ from: '/w/$place/data-sources/$name' })
  const navigate = useNavigate({ from: '/w/$place/data-sources/$name' })
  const show = (next: DetailSearch): void => void navigate({ search: next, replace: true })
  const source = useDataSource(name)
  return (
    <Page
      title={name}
      about={source.data === undefined ? undefined : <DataSourceFacts source={source.data} />}
      actions={
        source.data === undefined ? undefined : (
          <DataSourceActions
            source={source.data}
            onRemoved={() => void navigate({ to: '/w/$place/data-sources', params: { place } })}
          />
        )
      }
    >
      <QueryView query={source}>
        {(found) => (
          <Tabs
            label={`About ${name}`}
            value={search.tab ?? 'data'}
            onChange={(tab) => void navigate({ search: { tab: tab as DetailTab } })}
            tabs={tabsOf({ source: found, search, onSearch: show })}
          />
        )}
      </QueryView>
    </Page>
  )
}
