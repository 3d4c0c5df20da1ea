import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { readListSearch } from '@/features/data-sources/data-source-list.ts'
import { readDetailSearch } from '@/features/data-sources/detail-search.ts'

import { placeRoute } from '../place-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'data-sources',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('./data-sources-page.tsx'), 'DataSourcesPage'),
})

const one = createRoute({
  getParentRoute: () => placeRoute,
  path: 'data-sources/$name',
  validateSearch: readDetailSearch,
  component: lazyRouteComponent(() => import('./data-source-page.tsx'), 'DataSourcePage'),
})

const create = createRoute({
  getParentRoute: () => placeRoute,
  // Of two parts, so that no data source is called so.
  path: 'data-sources/-/new',
  validateSearch: ({ from }: Record<string, unknown>): { from?: 'event' } =>
    from === 'event' ? { from } : {},
  component: lazyRouteComponent(() => import('./new-data-source-page.tsx'), 'NewDataSourcePage'),
})

export const dataSourcesRoutes = [list, create, one] as const
