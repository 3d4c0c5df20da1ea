import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'lineage',
  component: lazyRouteComponent(() => import('./lineage-page.tsx'), 'LineagePage'),
})

export const lineageRoutes = [list] as const
