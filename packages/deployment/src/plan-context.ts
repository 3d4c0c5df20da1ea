import type { Datafile } from '@sandpiper/datafile'

import type { DeploymentMap } from './deployment-map.ts'
import type { PipeReads, ProjectFiles } from './project-files.ts'

/** What a plan is made from. */
export interface PlanInput {
  readonly live: DeploymentMap
  readonly files: readonly Datafile[]
  /** `build` may drop rows and resources, and says so; `deploy` refuses to. */
  readonly mode: 'build' | 'deploy'
  readonly allowDestructive: boolean
  /** A fresh `t_<32 hex>`. */
  readonly newId: () => string
  /** ISO-8601, UTC. */
  readonly now: string
  /** Highest schema version ever stored per data source id, discarded deployments included. Default: that of the live map. */
  readonly latestVersions?: ReadonlyMap<string, number>
  /**
   * Highest generation ever given out per data source id, replacements that failed included: frames for their tables may still be in the
   * log. Default: that of the live map.
   */
  readonly latestGenerations?: ReadonlyMap<string, number>
  /** Whether a data source was ever appended to directly, beside what materializations feed it. Default: none was. */
  readonly receivesRows?: (dataSourceId: string) => boolean
}

/** Everything the parts of a plan look at. */
export interface PlanContext extends PlanInput {
  readonly before: ProjectFiles
  readonly after: ProjectFiles
  /** By pipe name. */
  readonly readsBefore: ReadonlyMap<string, PipeReads>
  readonly readsAfter: ReadonlyMap<string, PipeReads>
  /** Names of data sources, sources before what they feed. */
  readonly order: readonly string[]
}
