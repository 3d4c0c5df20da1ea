import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { placeRoute } from '../place-route.tsx'

interface LineageSearch {
  q?: string
  focus?: string
  view?: 'graph' | 'table'
}

/** A search for digits comes as a number out of the address. */
function isText(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '')
}

const list = createRoute({
  getParentRoute: () => placeRoute,
  path: 'lineage',
  validateSearch: ({ q, focus, view }: Record<string, unknown>): LineageSearch => ({
    ...(isText(q) ? { q: String(q) } : {}),
    ...(isText(focus) ? { focus: String(focus) } : {}),
    ...(view === 'graph' || view === 'table' ? { view } : {}),
  }),
  component: lazyRouteComponent(() => import('./lineage-page.tsx'), 'LineagePage'),
})

export const lineageRoutes = [list] as const
