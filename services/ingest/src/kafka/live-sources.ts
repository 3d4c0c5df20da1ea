// Which topics are read: those that data sources of live deployments name, with their connection's secrets put in. Nothing of a staged
// deployment is read, and of a branch only what somebody started there.
import type { Catalog, KafkaState, LiveDeployment } from '@sandpiper/catalog'
import { kafkaSettings } from '@sandpiper/datafile'
import {
  resolveKafkaConnection,
  resolveKafkaTopic,
  type DeployedConnection,
  type DeployedDataSource,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { KafkaConnection } from '@sandpiper/kafka'

import type { KafkaSource, KafkaSources } from './kafka-source.ts'

/** A data source of a live deployment that is filled from a topic. */
export interface LiveKafkaSource {
  readonly workspaceId: string
  /** null: it is a main workspace. */
  readonly mainId: string | null
  readonly dataSource: DeployedDataSource
  /** Undefined when the deployment has none of that name, which checks refuse. */
  readonly connection: DeployedConnection | undefined
}

/** The sources of live deployments, and what keeps some from being read. */
export interface LiveSources extends KafkaSources {
  /** By data source id: a text for its owner. Of the last listing. */
  problems(): ReadonlyMap<string, string>
}

export interface LiveSourcesDeps {
  readonly catalog: Pick<Catalog, 'liveDeployments' | 'liveMap' | 'kafkaStates' | 'secretsOf'>
  readonly openSocket: NonNullable<KafkaConnection['openSocket']>
  /** Told once of each problem. */
  readonly onProblem: (live: LiveKafkaSource, message: string) => void
}

/** Makes the listing. Each call asks the catalog for two small tables; maps are looked at when they change. */
export function createLiveSources(deps: LiveSourcesDeps): LiveSources {
  const known = new Map<string, { readonly number: number; readonly sources: LiveKafkaSource[] }>()
  let problems = new Map<string, string>()

  async function sourcesOf(live: LiveDeployment): Promise<LiveKafkaSource[]> {
    const before = known.get(live.workspaceId)
    if (before?.number === live.number) return before.sources
    const { number, map } = await deps.catalog.liveMap(live.workspaceId)
    const sources = Object.values(map.dataSources).flatMap((dataSource): LiveKafkaSource[] => {
      const kafka = kafkaSettings(dataSource.file)
      if (kafka === null) return []
      const connection = Object.values(map.connections).find(
        ({ file }) => file.name === kafka.connectionName,
      )
      const { workspaceId, mainId } = live
      return [{ workspaceId, mainId, dataSource, connection }]
    })
    known.set(live.workspaceId, { number, sources })
    return sources
  }

  return {
    problems: () => problems,
    async list() {
      const [deployments, states] = await Promise.all([
        deps.catalog.liveDeployments(),
        deps.catalog.kafkaStates(),
      ])
      const all = deployments.filter(({ number }) => number > 0)
      const alive = new Set(all.map(({ workspaceId }) => workspaceId))
      for (const workspaceId of known.keys()) if (!alive.has(workspaceId)) known.delete(workspaceId)
      const found: KafkaSource[] = []
      const now = new Map<string, string>()
      for (const deployment of all) {
        for (const live of await sourcesOf(deployment)) {
          const secrets = await deps.catalog.secretsOf(live.workspaceId)
          const source = toSource(live, secrets, states, deps.openSocket)
          if (typeof source !== 'string') {
            found.push(source)
            continue
          }
          const { id } = live.dataSource
          now.set(id, source)
          if (problems.get(id) !== source) deps.onProblem(live, source)
        }
      }
      problems = now
      return found
    },
  }
}

/** Whether a data source reads its topic. */
function isPaused(
  { mainId, dataSource }: Pick<LiveKafkaSource, 'mainId' | 'dataSource'>,
  states: ReadonlyMap<string, KafkaState>,
): boolean {
  return (states.get(dataSource.id) ?? (mainId === null ? 'running' : 'paused')) === 'paused'
}

/** The problem as a text when it cannot be read. */
function toSource(
  live: LiveKafkaSource,
  secrets: ReadonlyMap<string, string>,
  states: ReadonlyMap<string, KafkaState>,
  openSocket: LiveSourcesDeps['openSocket'],
): KafkaSource | string {
  const { workspaceId, dataSource, connection } = live
  const kafka = kafkaSettings(dataSource.file)
  if (kafka === null || connection === undefined) return 'its connection is not deployed'
  const resolved = resolveKafkaConnection(connection.file, secrets)
  if (resolved.kind === 'problem') return resolved.message
  const topic = resolveKafkaTopic(dataSource.file, secrets)
  if (topic.kind === 'problem') return topic.message
  const { bootstrapServers, tls, sasl } = resolved.value
  return {
    workspaceId,
    ...(live.mainId === null ? {} : { mainId: live.mainId }),
    dataSourceId: dataSource.id,
    dataSourceName: dataSource.file.name,
    connection: { bootstrapServers, tls, sasl, openSocket },
    ...topic.value,
    offsetReset: kafka.offsetReset,
    isPaused: isPaused(live, states),
  }
}

/** The registry of the connection that a data source names now; null when it has none. @throws fault `server.busy`. */
export async function registryUrlOf(
  catalog: Pick<Catalog, 'secretsOf'>,
  workspaceId: string,
  connection: DeployedConnection,
): Promise<string | null> {
  const resolved = resolveKafkaConnection(connection.file, await catalog.secretsOf(workspaceId))
  if (resolved.kind === 'ok') return resolved.value.registryUrl
  throw fault('server.busy', { public: resolved.message })
}
