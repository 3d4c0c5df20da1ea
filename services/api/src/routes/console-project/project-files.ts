// The datafiles of a deployment, as `sandpiper pull` writes them.
import type { ConsoleProject } from '@sandpiper/contracts'
import { printDatafile, type PipeFile } from '@sandpiper/datafile'
import type { DeploymentMap } from '@sandpiper/deployment'

import { maskConnection } from '../../deployments/mask-connection.ts'

/** Where people look for a kind of pipe. */
const FOLDERS: Readonly<Record<string, string>> = {
  endpoint: 'endpoints',
  materialized: 'materializations',
  copy: 'copies',
  sink: 'sinks',
}

/** All of them, by path. Without secrets. */
export function filesOf(map: DeploymentMap): ConsoleProject['files'] {
  const files = [
    ...Object.values(map.dataSources).map(({ file }) => ({
      path: `datasources/${file.name}.datasource`,
      content: printDatafile(file),
    })),
    ...Object.values(map.pipes).map(({ file }) => ({
      path: `${folderOf(file)}/${file.name}.pipe`,
      content: printDatafile(file),
    })),
    ...Object.values(map.connections).map(({ file }) => ({
      path: `connections/${file.name}.connection`,
      content: printDatafile(maskConnection(file).file),
    })),
  ]
  return files.sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** One of them by its name without a folder, such as `top.pipe`; null when the deployment has none. Without secrets. */
export function fileOf(map: DeploymentMap, filename: string): string | null {
  const [, name = '', kind] = /^(.*)\.(datasource|pipe|connection)$/.exec(filename) ?? []
  if (kind === 'connection') {
    const connection = own(map.connections, name)
    return connection === undefined ? null : printDatafile(maskConnection(connection.file).file)
  }
  const found = kind === 'pipe' ? own(map.pipes, name) : own(map.dataSources, name)
  return found === undefined ? null : printDatafile(found.file)
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function folderOf({ nodes }: PipeFile): string {
  const special = nodes.find(({ type }) => type !== 'standard')
  return FOLDERS[special?.type ?? ''] ?? 'pipes'
}
