import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDatafile, printDatafile } from '@sandpiper/datafile'
import { CliError, usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { PROJECT_OPTION, readProject, type ProjectFile } from '../project.ts'
import { showTable } from '../show.ts'

export const fmt: CommandSpec = {
  usage: 'fmt [files...]',
  about: 'write datafiles in the form that pull writes them; files with comments are left alone',
  options: [PROJECT_OPTION, ['--check', 'write nothing; fail when a file is in another form']],
  examples: ['fmt', 'fmt datasources/events.datasource', 'fmt --check'],
  run(call, named, options) {
    const folder = options.text('project') ?? '.'
    const files = named.length > 0 ? named.map(readNamed) : readProject(folder)
    const found = files.map((file) => ({ file, ...formOf(file) }))
    const changed = found.filter(({ state }) => state === 'changed')
    const isCheck = options.isOn('check')
    if (!isCheck)
      for (const { file, text } of changed)
        writeFileSync(named.length > 0 ? file.path : join(folder, file.path), text)
    const rows = found
      .filter(({ state }) => state !== 'same')
      .map(({ file, state }) => [file.path, state])
    const body = { files: found.map(({ file, state }) => ({ path: file.path, state })) }
    showTable(call, body, { headings: ['FILE', 'STATE'], rows, empty: 'All are in form.' })
    if (isCheck && changed.length > 0)
      throw new CliError(`${changed.length} files are not in form.`)
    return Promise.resolve()
  },
}

interface Form {
  readonly state: 'same' | 'changed' | 'has comments'
  readonly text: string
}

function formOf({ path, text }: ProjectFile): Form {
  const { file, errors } = parseDatafile(text, { filename: path })
  const [error] = errors
  if (file === null || error !== undefined)
    throw usageError(`${path}, line ${error?.line ?? 1}: ${error?.message ?? 'not a datafile'}`)
  const printed = printDatafile(file)
  if (printed === text) return { state: 'same', text }
  // The form has no place for them.
  return { state: /^\s*#/m.test(text) ? 'has comments' : 'changed', text: printed }
}

function readNamed(path: string): ProjectFile {
  if (!existsSync(path)) throw usageError(`the file ${path} is not there.`)
  return { path, text: readFileSync(path, 'utf8') }
}
