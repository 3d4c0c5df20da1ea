// Imports as the process that hosts them sees them: files are taken in, looked at, and made jobs of.
import type { Catalog } from '@sandpiper/catalog'

import type { JobKind } from '../job-kind.ts'
import { analyzeFile, type AnalyzedFile, type AnalyzeRequest } from './analyze-file.ts'
import type { ImportDeps } from './import-deps.ts'
import { importKind } from './import-kind.ts'
import { fileOfJob } from './run-import.ts'

/** A file that came for a job, whether that was started or not. */
interface FileOf {
  readonly workspaceId: string
  readonly jobId: string
}

/** Imports of this process. */
export interface Imports {
  readonly kind: JobKind
  /** Keeps what a request sends. @throws fault `request.too_large` | `limit.rate` | `storage.full`. */
  receive(of: FileOf, stream: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: number }>
  /** Keeps what is at a URL. @throws the same, and what fetching throws. */
  fetch(of: FileOf, url: string, signal: AbortSignal): Promise<void>
  /** Says what a kept file looks like. */
  analyze(of: FileOf, request: AnalyzeRequest): Promise<AnalyzedFile>
  /** Removes a file of which no job was made. Idempotent. */
  remove(of: FileOf): Promise<void>
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
