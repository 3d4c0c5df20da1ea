// Every group of routes the api serves. Order does not matter, but for the first and the last two: no two others claim one path.
import type { RouteGroup } from '../app.ts'
import { analyzeRoutes } from './analyze/analyze.ts'
import { authRoutes } from './auth/auth.ts'
import { backupRoutes } from './backups/backups.ts'
import { connectorRoutes } from './connectors/connectors.ts'
import { consoleDocumentRoutes } from './console-documents/console-documents.ts'
import { consoleFileRoutes, consoleScreenRoutes } from './console-files/console-files.ts'
import { consoleOverviewRoutes } from './console-overview/console-overview.ts'
import { consoleProjectRoutes } from './console-project/console-project.ts'
import { dataSourceRoutes } from './data-sources/data-sources.ts'
import { dependencyRoutes } from './get-dependencies/get-dependencies.ts'
import { deploymentRoutes } from './deployments/deployments.ts'
import { environmentRoutes } from './environments/environments.ts'
import { jwksRoutes } from './jwks/jwks.ts'
import { localTokenRoutes } from './get-local-tokens/get-local-tokens.ts'
import { healthRoutes } from './health/health.ts'
import { jobRoutes } from './jobs/jobs.ts'
import { limitRoutes } from './limits/limits.ts'
import { metricsRoutes } from './metrics/metrics.ts'
import { notYetRoutes } from './not-yet/not-yet.ts'
import { pipeRoutes } from './pipes/pipes.ts'
import { quarantineRoutes } from './quarantine/quarantine.ts'
import { queryRoutes } from './query-routes.ts'
import { regionRoutes } from './regions/regions.ts'
import { tagRoutes } from './tags/tags.ts'
import { tailRoutes } from './tail/tail.ts'
import { tokenRoutes } from './tokens/tokens.ts'
import { variableRoutes } from './variables/variables.ts'
import { workspaceRoutes } from './workspaces/workspaces.ts'

export const allRoutes: readonly RouteGroup[] = [
  // First: a screen of the console has a path of the API.
  consoleScreenRoutes,
  analyzeRoutes,
  authRoutes,
  backupRoutes,
  connectorRoutes,
  consoleDocumentRoutes,
  consoleOverviewRoutes,
  consoleProjectRoutes,
  dataSourceRoutes,
  dependencyRoutes,
  deploymentRoutes,
  environmentRoutes,
  healthRoutes,
  jobRoutes,
  jwksRoutes,
  limitRoutes,
  localTokenRoutes,
  metricsRoutes,
  pipeRoutes,
  quarantineRoutes,
  queryRoutes,
  regionRoutes,
  tagRoutes,
  tailRoutes,
  tokenRoutes,
  variableRoutes,
  workspaceRoutes,
  // Last: whatever has a route is here.
  notYetRoutes,
  // What is left and asked for as a page is the console's.
  consoleFileRoutes,
]
