import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'

const blank = createRoute({
  getParentRoute: () => placeRoute,
  path: 'playground',
  component: lazyRouteComponent(() => import('./playground-page.tsx'), 'PlaygroundPage'),
})

const saved = createRoute({
  getParentRoute: () => placeRoute,
  path: 'playground/$query',
  component: lazyRouteComponent(() => import('./playground-page.tsx'), 'PlaygroundPage'),
})

export const playgroundRoutes = [blank, saved] as const
