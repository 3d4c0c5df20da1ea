// Every address of the console. Each area keeps its own routes beside its pages; pages are loaded when they are first shown.
import { createRouter } from '@tanstack/react-router'

import { dashboardsRoutes, sharedDashboardRoute } from './routes/dashboards/routes.tsx'
import { dataSourcesRoutes } from './routes/data-sources/routes.tsx'
import { endpointsRoutes } from './routes/endpoints/routes.tsx'
import { lineageRoutes } from './routes/lineage/routes.tsx'
import { operateRoutes } from './routes/operate/routes.tsx'
import { overviewRoute } from './routes/overview/routes.tsx'
import { pipesRoutes } from './routes/pipes/routes.tsx'
import { placeRoute } from './routes/place-route.tsx'
import { playgroundRoutes } from './routes/playground/routes.tsx'
import { rootRoute } from './routes/root-route.tsx'
import { signInRoute, startRoute } from './routes/sign-in/routes.tsx'

const routeTree = rootRoute.addChildren([
  startRoute,
  signInRoute,
  sharedDashboardRoute,
  placeRoute.addChildren([
    overviewRoute,
    ...dataSourcesRoutes,
    ...pipesRoutes,
    ...endpointsRoutes,
    ...playgroundRoutes,
    ...dashboardsRoutes,
    ...lineageRoutes,
    ...operateRoutes,
  ]),
])

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface HistoryState {
    /** Of the sign-in page: leaves every place. In no address, so that no link can do it. */
    signsOut?: true
  }
}
