import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'

import { keepShareToken } from '@/features/dashboards/share-token.ts'

import { placeRoute } from '../place-route.tsx'
import { rootRoute } from '../root-route.tsx'
import {
  type ChosenSearch,
  type DashboardSearch,
  type DashboardsSearch,
  readChosenSearch,
  readDashboardSearch,
  readDashboardsSearch,
} from './search.ts'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'dashboards',
  validateSearch: (search: Record<string, unknown>): DashboardsSearch =>
    readDashboardsSearch(search),
  component: lazyRouteComponent(() => import('./dashboards-page.tsx'), 'DashboardsPage'),
})

const one = createRoute({
  getParentRoute: () => placeRoute,
  path: 'dashboards/$dashboard',
  validateSearch: (search: Record<string, unknown>): DashboardSearch => readDashboardSearch(search),
  component: lazyRouteComponent(() => import('./dashboard-page.tsx'), 'DashboardPage'),
})

export const dashboardsRoutes = [list, one] as const

/** A dashboard by its link: no place and no session, only the JWT behind the `#`, which leaves the address at once. */
export const sharedDashboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'shared/$dashboard',
  validateSearch: (search: Record<string, unknown>): ChosenSearch => readChosenSearch(search),
  beforeLoad: ({ params, location, search }) => {
    if (location.hash === '') return
    keepShareToken(params.dashboard, location.hash)
    // The router's redirect is thrown by its contract.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ to: '/shared/$dashboard', params, search, hash: '', replace: true })
  },
  component: lazyRouteComponent(() => import('./shared-dashboard-page.tsx'), 'SharedDashboardPage'),
})
