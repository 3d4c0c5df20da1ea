import { useNavigate, useSearch } from '@tanstack/react-router'

import { DataSourceList } from '@/features/data-sources/components/data-source-list.tsx'
import type { ListSearch } from '@/features/data-sources/data-source-list.ts'
import { IfMay } from '@/lib/rights/if-may.tsx'
import { buttonClass } from '@/ui/button.tsx'
import { Page } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

export function DataSourcesPage() {
  const search = useSearch({ from: '/w/$place/data-sources' })
  const navigate = useNavigate({ from: '/w/$place/data-sources' })
  const show = (next: ListSearch): void => void navigate({ search: next, replace: true })
  return (
    <Page
      title="Data sources"
      about="Tables that events and files go into."
      actions={
        <IfMay act="create data sources">
          <PlaceLink to="data-sources/-/new" className={buttonClass('primary')}>
            Create
          </PlaceLink>
        </IfMay>
      }
    >
      <DataSourceList search={search} onSearch={show} />
    </Page>
  )
}
