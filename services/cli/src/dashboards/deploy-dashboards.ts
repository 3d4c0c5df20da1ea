// What a deployment does with the dashboards of the project: those that differ become what the files say, the console's others stay.
import { atOnce } from '../at-once.ts'
import type { CliCall } from '../cli-call.ts'
import { CliError } from '../cli-error.ts'
import type { Client } from '../client.ts'
import { plain } from '../print.ts'
import { dashboardText, type DashboardFile } from './dashboard-file.ts'
import {
  findDashboard,
  listDashboards,
  putDashboard,
  whyNoDashboards,
  type ListedDashboard,
} from './server-dashboards.ts'

/** Dashboards of the console that are named one by one. */
const NAMED_MAX = 5

/** What became of them, as `--json` shows it. */
export interface DashboardsReport {
  /** Whether changes were sent; else they are what would be. */
  readonly sent: boolean
  readonly files: readonly SentDashboard[]
  /** On the server and in no file. */
  readonly left_alone: readonly ListedDashboard[]
  /** Why nothing is known of them; null: all is well. */
  readonly error: string | null
}

interface SentDashboard extends ListedDashboard {
  /** `conflict`: somebody changed it meanwhile, and it is as they left it. */
  readonly state: 'new' | 'changed' | 'same' | 'conflict' | 'failed'
  readonly error?: string
}

interface Compared {
  readonly file: DashboardFile
  readonly revision: number
  readonly state: 'new' | 'changed' | 'same'
}

/** Compares, and sends what differs when `isSent`. What fails is part of the report. */
export async function deployDashboards(
  { client }: CliCall,
  files: readonly DashboardFile[],
  isSent: boolean,
): Promise<DashboardsReport> {
  try {
    const listed = await listDashboards(client)
    const ids = new Set(files.map(({ id }) => id))
    const there = new Set(listed.map(({ id }) => id))
    const all = await atOnce(files, (file) => compared(client, file, there.has(file.id)))
    const sent: SentDashboard[] = []
    for (const each of all) sent.push(isSent ? await send(client, each) : shown(each))
    const leftAlone = listed.filter(({ id }) => !ids.has(id))
    return { sent: isSent, files: sent, left_alone: leftAlone, error: null }
  } catch (err) {
    if (!(err instanceof CliError)) throw err
    const error = whyNoDashboards(err) ?? err.message
    return { sent: false, files: [], left_alone: [], error }
  }
}

/** In words, a line each. @param isCheck whether nothing was to be sent. */
export function dashboardLines(
  { files, left_alone, sent }: DashboardsReport,
  isCheck: boolean,
): string[] {
  const changed = files.filter(({ state }) => state !== 'same')
  const lines = changed.map(
    ({ id, name, state, error }) =>
      `${state.padEnd(8)} dashboard ${id} (${plain(name)})${error === undefined ? '' : `: ${plain(error, 1_000)}`}\n`,
  )
  const isWaiting = !sent && !isCheck && changed.length > 0
  const isSame = files.length > 0 && changed.length === 0
  return [
    ...lines,
    ...(isSame ? ['There is nothing to change in the dashboards.\n'] : []),
    ...(isWaiting ? ['Dashboards are sent when the deployment is live: then deploy again.\n'] : []),
    ...(left_alone.length > 0 ? [leftAloneLine(left_alone)] : []),
  ]
}

/** @throws CliError when a dashboard of the files is not what the server has. */
export function refuseUnsent({ files, error }: DashboardsReport): void {
  if (error !== null) throw new CliError(`the dashboards were left out: ${error}`)
  const unsent = files.filter(({ state }) => state === 'conflict' || state === 'failed')
  if (unsent.length === 0) return
  const isConflict = unsent.some(({ state }) => state === 'conflict')
  const advice = isConflict
    ? ' Somebody changed them meanwhile: see what, with sandpiper pull --folder, then deploy again.'
    : ''
  throw new CliError(
    `dashboards that were not sent: ${unsent.map(({ id }) => id).join(', ')}.${advice}`,
  )
}

async function compared(client: Client, file: DashboardFile, isThere: boolean): Promise<Compared> {
  const there = isThere ? await findDashboard(client, file.id) : null
  if (there === null) return { file, revision: 0, state: 'new' }
  const isSame = dashboardText(there.dashboard) === dashboardText(file.dashboard)
  return { file, revision: there.revision, state: isSame ? 'same' : 'changed' }
}

async function send(client: Client, one: Compared): Promise<SentDashboard> {
  const { file, revision, state } = one
  if (state === 'same') return shown(one)
  try {
    await putDashboard(client, file.id, { revision, dashboard: file.dashboard })
    return shown(one)
  } catch (err) {
    if (!(err instanceof CliError)) throw err
    const isStale = err.status === 409
    return { ...shown(one), state: isStale ? 'conflict' : 'failed', error: err.message }
  }
}

function shown({ file, state }: Compared): SentDashboard {
  return { id: file.id, name: file.dashboard.name, state }
}

function leftAloneLine(dashboards: readonly ListedDashboard[]): string {
  const named = dashboards.slice(0, NAMED_MAX).map(({ id, name }) => `${id} (${plain(name)})`)
  const more = dashboards.length > NAMED_MAX ? ` and ${dashboards.length - NAMED_MAX} more` : ''
  return `Left alone, since they are in no file: dashboards ${named.join(', ')}${more}. sandpiper pull writes them.\n`
}
