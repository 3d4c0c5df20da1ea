// A dashboard as it stands in a file of the project: its content as the console keeps it, and nothing of who changed it when.
import {
  dashboardSchema,
  DOCUMENT_BYTES_MAX,
  documentIdSchema,
  type Dashboard,
  type Tile,
} from '@sandpiper/contracts'
import { CliError } from '../cli-error.ts'

/** Where they are, below the folder of the project. */
export const DASHBOARDS_FOLDER = 'dashboards'

/** A file by the id that its name says. */
export interface DashboardFile {
  readonly id: string
  readonly dashboard: Dashboard
}

export function isDashboardId(id: string): boolean {
  return documentIdSchema.safeParse(id).success
}

/** @param id one that `isDashboardId` knows. */
export function dashboardPath(id: string): string {
  return `${DASHBOARDS_FOLDER}/${id}.json`
}

/** The file's text: the same for the same dashboard, in whatever order it was before `readDashboard`. */
export function dashboardText(dashboard: Dashboard): string {
  return `${JSON.stringify(inOrder(dashboard), null, 2)}\n`
}

/** @param where the file, or whatever people know it by. @throws CliError naming the member that is wrong, or that no dashboard has. */
export function readDashboard(value: unknown, where: string): Dashboard {
  const read = dashboardSchema.safeParse(value)
  if (!read.success) {
    const [issue] = read.error.issues
    const place = issue?.path.map(String).join('.') ?? ''
    throw wrong(where, place, issue?.message ?? 'it is no dashboard')
  }
  // The server would leave it out without a word, and with it what somebody meant.
  const lost = lostMember(value, read.data, '')
  if (lost !== null) throw wrong(where, lost, 'a dashboard has no such member')
  if (Buffer.byteLength(JSON.stringify(read.data)) > DOCUMENT_BYTES_MAX) throw tooLarge(where)
  return read.data
}

export function tooLarge(where: string): CliError {
  return wrong(where, '', 'a dashboard has at most 1 MB')
}

/** @param member '' for the file as a whole. */
export function wrong(where: string, member: string, why: string): CliError {
  return new CliError(`${where}: ${member === '' ? '' : `${member}: `}${why}.`)
}

/** Reading has put the members in the schema's order; maps of the user's own names are sorted here. */
function inOrder(dashboard: Dashboard): Dashboard {
  return { ...dashboard, tiles: dashboard.tiles.map(tileInOrder) }
}

function tileInOrder(tile: Tile): Tile {
  const { chart, source } = tile
  return {
    ...tile,
    chart: chart.options === undefined ? chart : { ...chart, options: sorted(chart.options) },
    source: 'sql' in source ? source : { ...source, params: sorted(source.params) },
  }
}

function sorted<Value>(map: Readonly<Record<string, Value>>): Record<string, Value> {
  const names = Object.keys(map).sort()
  return Object.fromEntries(names.map((name) => [name, map[name] as Value]))
}

/** The path of the first member that reading left out. */
function lostMember(given: unknown, kept: unknown, path: string): string | null {
  if (typeof given !== 'object' || given === null) return null
  const there: object = typeof kept === 'object' && kept !== null ? kept : {}
  for (const [name, value] of Object.entries(given)) {
    const at = path === '' ? name : `${path}.${name}`
    if (!Object.hasOwn(there, name)) return at
    const lost = lostMember(value, (there as Record<string, unknown>)[name], at)
    if (lost !== null) return lost
  }
  return null
}
