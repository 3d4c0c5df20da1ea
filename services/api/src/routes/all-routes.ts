// Every group of routes the api serves. Order does not matter: no two groups claim one path.
import type { RouteGroup } from '../app.ts'
import { environmentRoutes } from './environments/environments.ts'
import { localTokenRoutes } from './get-local-tokens/get-local-tokens.ts'
import { healthRoutes } from './health/health.ts'
import { jobRoutes } from './jobs/jobs.ts'
import { queryRoutes } from './query-routes.ts'
import { regionRoutes } from './regions/regions.ts'
import { tokenRoutes } from './tokens/tokens.ts'
import { workspaceRoutes } from './workspaces/workspaces.ts'

export const allRoutes: readonly RouteGroup[] = [
  environmentRoutes,
  healthRoutes,
  jobRoutes,
  localTokenRoutes,
  queryRoutes,
  regionRoutes,
  tokenRoutes,
  workspaceRoutes,
]
