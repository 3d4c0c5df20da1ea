// Imports as the process that hosts them sees them: files are taken in, looked at, and made jobs of.
import type { Catalog } from '@sandpiper/catalog'
import type { FileImports, FileOf } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'

import type { JobKind } from '../job-kind.ts'
import { analyzeFile } from './analyze-file.ts'
import type { ImportDeps } from './import-deps.ts'
import { importKind } from './import-kind.ts'
import { fileOfJob } from './run-import.ts'

/** Imports of this process. */
export interface Imports extends FileImports<Column> {
  readonly kind: JobKind
  /** Removes files of jobs that are over, and what a crash left half written. Call before anything is received. */
  start(): Promise<void>
}

/** Makes the imports of this process. */
export function createImports(
  deps: ImportDeps & { readonly catalog: Pick<Catalog, 'liveMap' | 'findJob'> },
): Imports {
  const nameOf = ({ workspaceId, jobId }: FileOf): string => fileOfJob(workspaceId, jobId)
  return {
    kind: importKind(deps),
    receive: (of, stream) => deps.folder.receive(nameOf(of), stream),
    async fetch(of, url, signal) {
      await deps.folder.receive(nameOf(of), await deps.fetchFile(url, { signal }))
    },
    analyze: (of, request) => analyzeFile(deps, nameOf(of), request),
    remove: (of) => deps.folder.remove(nameOf(of)),
    async start() {
      const names = new Set((await deps.folder.begin()).map((each) => each.split('.', 2).join('.')))
      for (const name of names) {
        const [workspaceId = '', jobId = ''] = name.split('.')
        const job = await deps.catalog.findJob(workspaceId, jobId)
        const isWanted = job?.status === 'waiting' || job?.status === 'working'
        if (!isWanted) await deps.folder.remove(name)
      }
    },
  }
}
