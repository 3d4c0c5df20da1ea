import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  DASHBOARDS_FOLDER,
  isDashboardId,
  readDashboard,
  tooLarge,
  wrong,
  type DashboardFile,
} from './dashboard-file.ts'

/** Bytes of a file: room for the spaces of 1 MB of JSON. */
const FILE_BYTES_MAX = 16_000_000

/**
 * The dashboards of a project, by id: `dashboards/*.json`. What does not end in `.json` or begins with a dot is none.
 * @returns null when the project has no such folder.
 * @throws CliError naming the first file, and the member, that is wrong.
 */
export function readDashboardFiles(project: string): DashboardFile[] | null {
  const folder = join(project, DASHBOARDS_FOLDER)
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return null
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name.endsWith('.json') && !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => {
      const where = `${DASHBOARDS_FOLDER}/${entry.name}`
      const id = entry.name.slice(0, -'.json'.length)
      if (!isDashboardId(id))
        throw wrong(where, '', 'its name is its id: 1 to 64 letters, digits, "-" and "_"')
      // Neither a folder nor a link: what a link leads to is no part of the project.
      if (!entry.isFile()) throw wrong(where, '', 'it is no file')
      return { id, dashboard: readDashboard(jsonIn(join(folder, entry.name), where), where) }
    })
}

function jsonIn(path: string, where: string): unknown {
  if (statSync(path).size > FILE_BYTES_MAX) throw tooLarge(where)
  const bytes = readFileSync(path)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch (err) {
    throw wrong(where, '', `it is no JSON (${err instanceof Error ? err.message : String(err)})`)
  }
}
