import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { readPipeListSearch } from '@/features/pipes/pipe-rows.ts'
import { readPipeSearch } from '@/features/pipes/pipe-search.ts'

import { placeRoute } from '../place-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'pipes',
  validateSearch: readPipeListSearch,
  component: lazyRouteComponent(() => import('./pipes-page.tsx'), 'PipesPage'),
})

const one = createRoute({
  getParentRoute: () => placeRoute,
  path: 'pipes/$pipe',
  validateSearch: readPipeSearch,
  component: lazyRouteComponent(() => import('./pipe-page.tsx'), 'PipePage'),
})

interface PublishSearch {
  /** Files that are left out. */
  without?: string[]
}

const publish = createRoute({
  getParentRoute: () => placeRoute,
  path: 'publish',
  validateSearch: ({ without }: Record<string, unknown>): PublishSearch =>
    Array.isArray(without)
      ? { without: without.filter((each) => typeof each === 'string').slice(0, 500) }
      : {},
  component: lazyRouteComponent(() => import('./publish-page.tsx'), 'PublishPage'),
})

export const pipesRoutes = [list, one, publish] as const
