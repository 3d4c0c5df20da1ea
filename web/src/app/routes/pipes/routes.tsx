import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'pipes',
  component: lazyRouteComponent(() => import('./pipes-page.tsx'), 'PipesPage'),
})

export const pipesRoutes = [list] as const
