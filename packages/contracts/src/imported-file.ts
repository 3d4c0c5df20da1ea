// What the api asks of those who import files; the process that hosts both hands it over.
import type { AnalysisBody, ImportFormat, ImportInput } from './import.ts'

/** A file that came for a job, whether that was started or not. */
export interface FileOf {
  readonly workspaceId: string
  readonly jobId: string
}

/** How a file is looked at. */
export interface AnalyzeRequest extends Pick<ImportInput, 'format' | 'dialect'> {
  /** False: every column of CSV is String. */
  readonly typeGuessing: boolean
}

/** What a file looks like. */
export interface AnalyzedFile<Column> {
  readonly format: ImportFormat
  readonly columns: readonly Column[]
  readonly body: AnalysisBody
}

/** Takes files in and looks at them. */
export interface FileImports<Column> {
  /** Keeps what a request sends. @throws fault `request.too_large` | `limit.rate` | `storage.full`. */
  receive(of: FileOf, stream: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: number }>
  /** Keeps what is at a URL. @throws the same, and what fetching throws. */
  fetch(of: FileOf, url: string, signal: AbortSignal): Promise<void>
  /** Says what a kept file looks like. @throws fault `request.invalid` for a file that is not what it says. */
  analyze(of: FileOf, request: AnalyzeRequest): Promise<AnalyzedFile<Column>>
  /** Removes a file of which no job was made. Idempotent. */
  remove(of: FileOf): Promise<void>
}
