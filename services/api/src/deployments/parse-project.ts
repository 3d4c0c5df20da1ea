import { parseDatafile, type Datafile, type DatafileProblem } from '@sandpiper/datafile'
import { resourceLabel, type PlanFeedback } from '@sandpiper/deployment'

import { maskConnection } from './mask-connection.ts'

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
    const resource = resourceLabel(parsed.file)
    const { file, remarks } = withoutSecrets(parsed.file)
    files.push(file)
    for (const message of remarks) warnings.push({ resource, level: 'WARNING', message })
    for (const warning of parsed.warnings) {
      warnings.push({ resource, level: 'WARNING', message: problemText(warning) })
    }
  }
  return { files, errors, warnings }
}

function withoutSecrets(file: Datafile): { file: Datafile; remarks: string[] } {
  if (file.kind !== 'connection') return { file, remarks: [] }
  const masked = maskConnection(file)
  const remarks = masked.hidden.map(
    (name) =>
      `${name} is a secret in plain text, which is not kept: store it as a variable and write ${name} {{ tb_secret("NAME") }}`,
  )
  return { file: masked.file, remarks }
}

function problemText({ line, column, message, hint }: DatafileProblem): string {
  return `${line}:${column}: ${message}${hint === undefined ? '' : `${message.endsWith('.') ? '' : '.'} ${hint}`}`
}
