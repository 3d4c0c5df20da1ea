export * from './api-deps.ts'
export * from './app.ts'
export type {
  ConnectionTools,
  TopicReaders,
  TopicReaderState,
} from './connections/connection-tools.ts'
export type { Backups } from './backups-contract.ts'
export { createConsoleFiles } from './console/console-files.ts'
export { createEventTap, type EventTap } from './tail/event-tap.ts'
export { wholeBody, wholeResponse } from './query/whole-response.ts'
export { allRoutes } from './routes/all-routes.ts'
export {
  type DefaultWorkspace,
  ensureDefaultWorkspace,
} from './routes/workspaces/ensure-default-workspace.ts'
export { deployerOf, recoverDeployments } from './deployments/recover-deployments.ts'
export * from './imports-contract.ts'
export { ensureServiceDataSources } from './service-data-sources/ensure-service-data-sources.ts'
export { hostOps, type OpsHost } from './service-data-sources/host-ops.ts'
export {
  createStorageSnapshots,
  type StorageSnapshots,
} from './service-data-sources/storage-snapshots.ts'
export {
  createResultCache,
  RESULT_CACHE_LIMITS,
  type ResultCacheCounters,
} from './query/result-cache.ts'
