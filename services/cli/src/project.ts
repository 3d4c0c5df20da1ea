// The datafiles of a project on disk: what a deployment is made of.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { usageError } from './cli-error.ts'
import type { PostBody } from './client.ts'

/** A file, by its path inside the project with `/` between. */
export interface ProjectFile {
  readonly path: string
  readonly text: string
}

export const PROJECT_OPTION = ['--project <folder>', 'where the datafiles are', '.'] as const

const DATAFILE = /\.(datasource|pipe|connection)$/
/** Folders that hold no resources of the project. */
const SKIPPED = new Set(['node_modules', 'fixtures', 'tests', 'dist'])
const FILES_MAX = 10_000

/** Every datafile below a folder, by path. @throws CliError when there is none. */
export function readProject(folder: string): ProjectFile[] {
  const paths = datafilesIn(folder, folder).sort()
  if (paths.length === 0)
    throw usageError(
      `there are no datafiles (*.datasource, *.pipe, *.connection) in ${folder}. Go to your project, give --project, or begin one: sandpiper init.`,
    )
  return paths.map((path) => ({
    path: relative(folder, path).split(sep).join('/'),
    text: readFileSync(path, 'utf8'),
  }))
}

/** The body of a build or a deployment. Source: `@tinybirdco/sdk` src/api/build.ts, read 2026-11. */
export function projectBody(files: readonly ProjectFile[]): PostBody {
  const parts = new FormData()
  for (const { path, text } of files)
    parts.append('data_project://', new Blob([text], { type: 'text/plain' }), path)
  return { parts }
}

function datafilesIn(root: string, folder: string): string[] {
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (err) {
    throw usageError(`the folder ${folder} cannot be read: ${String(err)}`)
  }
  const found = entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return entry.name.startsWith('.') || SKIPPED.has(entry.name) ? [] : datafilesIn(root, path)
    return entry.isFile() && DATAFILE.test(entry.name) ? [path] : []
  })
  if (found.length > FILES_MAX)
    throw usageError(`${root} holds more than ${FILES_MAX} datafiles: is it a project?`)
  return found
}
