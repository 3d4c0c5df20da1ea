// What the routes ask of those who import files. The process that hosts both hands it over.
import type { AnalysisBody, ImportFormat, ImportInput } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import { fault, type Fault } from '@sandpiper/faults'

/** A file that came for a job, whether that was started or not. */
export interface FileOf {
  readonly workspaceId: string
  readonly jobId: string
}

/** How a file is looked at. */
export interface AnalyzeRequest extends Pick<ImportInput, 'format' | 'dialect'> {
  readonly typeGuessing: boolean
}

/** What a file looks like. */
export interface AnalyzedFile {
  readonly format: ImportFormat
  readonly columns: readonly Column[]
  readonly body: AnalysisBody
}

export interface Imports {
  /** Keeps what a request sends. @throws fault `request.too_large` | `limit.rate` | `storage.full`. */
  receive(of: FileOf, stream: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: number }>
  /** Keeps what is at a URL. @throws the same, and what fetching throws. */
  fetch(of: FileOf, url: string, signal: AbortSignal): Promise<void>
  /** @throws fault `request.invalid` for a file that is not what it says. */
  analyze(of: FileOf, request: AnalyzeRequest): Promise<AnalyzedFile>
  /** Removes a file of which no job was made. Idempotent. */
  remove(of: FileOf): Promise<void>
}

/** For processes and tests without imports. */
export const NO_IMPORTS: Imports = {
  receive: () => Promise.reject(noImports()),
  fetch: () => Promise.reject(noImports()),
  analyze: () => Promise.reject(noImports()),
  remove: () => Promise.resolve(),
}

function noImports(): Fault {
  return fault('server.busy', {
    public: 'Files are not imported here.',
    headers: { 'Retry-After': '5' },
  })
}
