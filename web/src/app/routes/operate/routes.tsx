import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'deployments',
  component: lazyRouteComponent(() => import('./deployments-page.tsx'), 'DeploymentsPage'),
})

export const operateRoutes = [list] as const
