import { parseDatafile, type Datafile, type DatafileProblem } from '@sandpiper/datafile'
import { resourceLabel, type PlanFeedback } from '@sandpiper/deployment'

/** One file as a client sent it. */
export interface SentFile {
  readonly filename: string
  readonly text: string
}

/** What is wrong with one file, as clients print it. */
export interface FileError {
  readonly filename: string
  readonly error: string
}

export interface ParsedProject {
  readonly files: readonly Datafile[]
  readonly errors: readonly FileError[]
  readonly warnings: readonly PlanFeedback[]
}

/** Parses every file; with errors nothing may be applied. */
export function parseProject(sent: readonly SentFile[]): ParsedProject {
  const files: Datafile[] = []
  const errors: FileError[] = []
  const warnings: PlanFeedback[] = []
  for (const { filename, text } of sent) {
    const parsed = parseDatafile(text, { filename })
    for (const problem of parsed.errors) errors.push({ filename, error: problemText(problem) })
    if (parsed.file === null) continue
    files.push(parsed.file)
    const resource = resourceLabel(parsed.file)
    for (const warning of parsed.warnings) {
      warnings.push({ resource, level: 'WARNING', message: problemText(warning) })
    }
  }
  return { files, errors, warnings }
}

function problemText({ line, column, message, hint }: DatafileProblem): string {
  return `${line}:${column}: ${message}${hint === undefined ? '' : `. ${hint}`}`
}
