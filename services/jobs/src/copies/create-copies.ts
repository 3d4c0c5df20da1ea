import type { Catalog } from '@sandpiper/catalog'

import type { JobKind } from '../job-kind.ts'
import { copyKind } from './copy-kind.ts'
import type { CopyDeps } from './copy-deps.ts'

/** Copies of this process. */
export interface Copies {
  readonly kind: JobKind
  /** Removes results of jobs that are over, and what a crash left half written. Call before jobs run. */
  start(): Promise<void>
}

/** Makes the copies of this process. */
export function createCopies(
  deps: CopyDeps & { readonly catalog: Pick<Catalog, 'findJob'> },
): Copies {
  return {
    kind: copyKind(deps),
    async start() {
      for (const name of await deps.folder.begin()) {
        const [workspaceId = '', jobId = ''] = name.split('.')
        const job = await deps.catalog.findJob(workspaceId, jobId)
        const isWanted = job?.status === 'waiting' || job?.status === 'working'
        if (!isWanted) await deps.folder.remove(name)
      }
    },
  }
}
