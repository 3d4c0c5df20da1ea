// The dashboards that a server keeps.
import type { Dashboard } from '@sandpiper/contracts'
import { atOnce } from '../at-once.ts'
import { CliError, usageError } from '../cli-error.ts'
import type { Body, Client } from '../client.ts'
import type { ProjectFile } from '../project.ts'
import { inPath, listIn, textIn } from '../show.ts'
import { dashboardPath, dashboardText, isDashboardId, readDashboard } from './dashboard-file.ts'

const PATH = '/v0/console/dashboards'

/** One in the list. */
export interface ListedDashboard {
  readonly id: string
  readonly name: string
}

export interface ServerDashboard {
  /** What a change of it must name. */
  readonly revision: number
  readonly dashboard: Dashboard
}

/** All of them, by name. @throws CliError also when one has an id that is no file name. */
export async function listDashboards(client: Client): Promise<ListedDashboard[]> {
  const body = await client.call('GET', PATH)
  return listIn(body, 'documents').map((each) => {
    const id = textIn(each, 'id')
    if (isDashboardId(id)) return { id, name: textIn(each, 'name') }
    throw usageError(`the server has a dashboard called '${id}', which is no file name.`)
  })
}

/** One; null when it is not there any more. */
export async function findDashboard(client: Client, id: string): Promise<ServerDashboard | null> {
  let body: Body
  try {
    body = await client.call('GET', `${PATH}/${inPath(id)}`)
  } catch (err) {
    if (err instanceof CliError && err.status === 404) return null
    throw err
  }
  const where = `the server's dashboard ${id}`
  return { revision: Number(body['revision']), dashboard: readDashboard(body['content'], where) }
}

/** @param revision the one that was compared; 0 makes a new one. @throws CliError of status 409 when it is not the current one any more. */
export async function putDashboard(
  client: Client,
  id: string,
  { revision, dashboard }: ServerDashboard,
): Promise<void> {
  await client.call('PUT', `${PATH}/${inPath(id)}`, { json: { revision, content: dashboard } })
}

/** Each as a file. */
export async function dashboardFiles(client: Client): Promise<ProjectFile[]> {
  const found = await atOnce(await listDashboards(client), async ({ id }) => {
    const there = await findDashboard(client, id)
    return there === null ? [] : [{ path: dashboardPath(id), text: dashboardText(there.dashboard) }]
  })
  return found.flat()
}

/** Why a server tells this token nothing of dashboards; null for any other failure. */
export function whyNoDashboards(err: unknown): string | null {
  if (!(err instanceof CliError)) return null
  if (err.status === 403) return 'this token may not read them (ADMIN and WORKSPACE:READ_ALL may)'
  return [404, 405, 501].includes(err.status ?? 0) ? 'this server keeps none' : null
}
