import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'
import { rootRoute } from '../root-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'dashboards',
  component: lazyRouteComponent(() => import('./dashboards-page.tsx'), 'DashboardsPage'),
})

export const dashboardsRoutes = [list] as const

/** A dashboard by its link: no place and no session, only the JWT behind the `#`. */
export const sharedDashboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'shared/$dashboard',
  component: lazyRouteComponent(() => import('./shared-dashboard-page.tsx'), 'SharedDashboardPage'),
})
