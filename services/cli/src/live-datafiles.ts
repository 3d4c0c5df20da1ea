// The datafiles of what is live on a server.
import { atOnce } from './at-once.ts'
import { CliError } from './cli-error.ts'
import type { Body, Client } from './client.ts'
import type { ProjectFile } from './project.ts'
import { inPath, listIn, textIn } from './show.ts'

const FOLDERS: Readonly<Record<string, string>> = {
  endpoint: 'endpoints',
  materialized: 'materializations',
  copy: 'copies',
  sink: 'sinks',
}

/** Each resource as text, in the folder where people look for its kind. */
export async function liveDatafiles(client: Client): Promise<ProjectFile[]> {
  const [dataSources, pipes, connectors] = await Promise.all([
    client.call('GET', '/v0/datasources'),
    client.call('GET', '/v0/pipes'),
    connectorsOf(client),
  ])
  // What another workspace shares is that workspace's to keep.
  const own = listIn(dataSources, 'datasources').filter((each) => !isShared(each))
  const wanted = [
    ...own.map((each) => ({
      path: `datasources/${textIn(each, 'name')}.datasource`,
      url: `/v0/datasources/${inPath(textIn(each, 'name'))}.datasource`,
    })),
    ...listIn(pipes, 'pipes').map((each) => ({
      path: `${FOLDERS[textIn(each, 'type')] ?? 'pipes'}/${textIn(each, 'name')}.pipe`,
      url: `/v0/pipes/${inPath(textIn(each, 'name'))}.pipe`,
    })),
    ...listIn(connectors, 'connectors').map((each) => ({
      path: `connections/${textIn(each, 'name')}.connection`,
      url: `/v0/connectors/${inPath(textIn(each, 'name'))}.connection`,
    })),
  ]
  return atOnce(wanted, async ({ path, url }) => ({ path, text: await client.text(url) }))
}

function isShared({ shared_from }: Body): boolean {
  return typeof shared_from === 'string' && shared_from !== ''
}

/** None for a token or a server that has nothing to do with connections. */
async function connectorsOf(client: Client): Promise<Body> {
  try {
    return await client.call('GET', '/v0/connectors')
  } catch (err) {
    if (err instanceof CliError && [403, 404, 501].includes(err.status ?? 0))
      return { connectors: [] }
    throw err
  }
}
