import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { isJobState, type JobState } from '@/features/jobs/api/job-figures.ts'
import { readLogSearch } from '@/features/logs/api/log-search.ts'

import { placeRoute } from '../place-route.tsx'
import { readSettingsSearch } from './settings-tabs.ts'

const deployments = createRoute({
  getParentRoute: () => placeRoute,
  path: 'deployments',
  component: lazyRouteComponent(() => import('./deployments-page.tsx'), 'DeploymentsPage'),
})

const deployment = createRoute({
  getParentRoute: () => placeRoute,
  path: 'deployments/$id',
  component: lazyRouteComponent(() => import('./deployment-page.tsx'), 'DeploymentPage'),
})

interface JobsSearch {
  status?: JobState
  kind?: string
}

const jobs = createRoute({
  getParentRoute: () => placeRoute,
  path: 'jobs',
  validateSearch: ({ status, kind }: Record<string, unknown>): JobsSearch => ({
    ...(isJobState(status) ? { status } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
  }),
  component: lazyRouteComponent(() => import('./jobs-page.tsx'), 'JobsPage'),
})

const job = createRoute({
  getParentRoute: () => placeRoute,
  path: 'jobs/$id',
  component: lazyRouteComponent(() => import('./job-page.tsx'), 'JobPage'),
})

const logs = createRoute({
  getParentRoute: () => placeRoute,
  path: 'logs',
  validateSearch: readLogSearch,
  component: lazyRouteComponent(() => import('./logs-page.tsx'), 'LogsPage'),
})

interface TokensSearch {
  q?: string
  /** Whether a new one is asked for. */
  create?: true
}

const tokens = createRoute({
  getParentRoute: () => placeRoute,
  path: 'tokens',
  validateSearch: ({ q, create }: Record<string, unknown>): TokensSearch => ({
    ...(typeof q === 'string' || typeof q === 'number' ? { q: String(q) } : {}),
    ...(create === true ? { create } : {}),
  }),
  component: lazyRouteComponent(() => import('./tokens-page.tsx'), 'TokensPage'),
})

const settings = createRoute({
  getParentRoute: () => placeRoute,
  path: 'settings',
  validateSearch: readSettingsSearch,
  component: lazyRouteComponent(() => import('./settings-page.tsx'), 'SettingsPage'),
})

export const operateRoutes = [deployments, deployment, jobs, job, logs, tokens, settings] as const
