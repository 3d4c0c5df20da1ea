import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'data-sources',
  component: lazyRouteComponent(() => import('./data-sources-page.tsx'), 'DataSourcesPage'),
})

export const dataSourcesRoutes = [list] as const
