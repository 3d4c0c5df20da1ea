import { getRouteApi, useNavigate } from '@tanstack/react-router'

import { LineageView } from '@/features/lineage/components/lineage-view.tsx'
import { Page } from '@/ui/page.tsx'

const route = getRouteApi('/w/$place/lineage')

/** A graph needs room; on a phone it is a table at first. */
const NARROW = matchMedia('(max-width: 767px)')

export function LineagePage() {
  const { q = '', focus = '', view = NARROW.matches ? 'table' : 'graph' } = route.useSearch()
  const navigate = useNavigate({ from: '/w/$place/lineage' })
  return (
    <Page
      title="Lineage"
      about="From where events come to where they are seen, with the figures of the last day."
    >
      <LineageView
        choice={{ search: q, focus, view }}
        onChange={({ search, focus: near, view: look }) =>
          void navigate({ search: { q: search, focus: near, view: look }, replace: true })
        }
      />
    </Page>
  )
}
