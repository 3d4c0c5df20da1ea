import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'endpoints',
  component: lazyRouteComponent(() => import('./endpoints-page.tsx'), 'EndpointsPage'),
})

export const endpointsRoutes = [list] as const
