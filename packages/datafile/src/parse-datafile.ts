// The way in: text of one file to its model or its problems. Linear in the length of the text, no regular expression
// that can backtrack over more than one line, and never an exception for what a user wrote.
import type { DatafileKind } from './directive-table.ts'
import type { Datafile, ParsedDatafile } from './model.ts'
import { parseConnection } from './parse-connection.ts'
import { parseDataSource } from './parse-data-source.ts'
import { parsePipe } from './parse-pipe.ts'
import { createProblems, type Problems } from './problems.ts'
import { readDirectives, type Directive } from './read-directives.ts'
import { isResourceName, NAME_HINT } from './resource-name.ts'

/** Characters of one datafile at most. */
export const DATAFILE_LENGTH_MAX = 1_000_000

/**
 * Parses one datafile. The kind comes from the extension, the resource's name from the file name without folders.
 * Never throws for the text: `file` is null exactly when `errors` has something, and `warnings` never stop a deployment.
 */
export function parseDatafile(
  text: string,
  options: { readonly filename: string },
): ParsedDatafile {
  const { filename } = options
  const problems = createProblems(filename)
  const file = parse(text, filename, problems)
  return { filename, file, errors: problems.errors, warnings: problems.warnings }
}

const START = { line: 1, column: 1 }

const PARSERS: Readonly<
  Record<
    DatafileKind,
    (name: string, directives: readonly Directive[], problems: Problems) => Datafile | null
  >
> = { datasource: parseDataSource, pipe: parsePipe, connection: parseConnection }

function parse(text: string, filename: string, problems: Problems): Datafile | null {
  const base = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1)
  const dot = base.lastIndexOf('.')
  const kind = base.slice(dot + 1)
  const name = base.slice(0, Math.max(dot, 0))
  if (kind !== 'datasource' && kind !== 'pipe' && kind !== 'connection') {
    problems.error(
      START,
      `${base} is no datafile`,
      'File names end in .datasource, .pipe or .connection.',
    )
    return null
  }
  if (!isResourceName(name))
    problems.error(START, `'${name}' is not a valid name for a ${kind}`, NAME_HINT)
  if (text.length > DATAFILE_LENGTH_MAX) {
    problems.error(START, `The file has more than ${DATAFILE_LENGTH_MAX} characters`)
    return null
  }
  if (text.includes('\0')) {
    problems.error(START, 'The file holds a NUL character', 'Datafiles are text.')
    return null
  }
  const file = PARSERS[kind](name, readDirectives(text, kind, problems), problems)
  return problems.errors.length > 0 ? null : file
}
