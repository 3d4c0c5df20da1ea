import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'
import {
  type EndpointSearch,
  type EndpointsSearch,
  readEndpointSearch,
  readEndpointsSearch,
} from './search.ts'

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'endpoints',
  validateSearch: (search: Record<string, unknown>): EndpointsSearch => readEndpointsSearch(search),
  component: lazyRouteComponent(() => import('./endpoints-page.tsx'), 'EndpointsPage'),
})

const one = createRoute({
  getParentRoute: () => placeRoute,
  path: 'endpoints/$endpoint',
  validateSearch: (search: Record<string, unknown>): EndpointSearch => readEndpointSearch(search),
  component: lazyRouteComponent(() => import('./endpoint-page.tsx'), 'EndpointPage'),
})

export const endpointsRoutes = [list, one] as const
