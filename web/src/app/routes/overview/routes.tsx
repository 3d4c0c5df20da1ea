import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { isRange, type RangeId } from '@/features/overview/api/ranges.ts'

import { placeRoute } from '../place-route.tsx'

export const overviewRoute = createRoute({
  getParentRoute: () => placeRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { range?: RangeId } =>
    isRange(search['range']) ? { range: search['range'] } : {},
  component: lazyRouteComponent(() => import('./overview-page.tsx'), 'OverviewPage'),
})
