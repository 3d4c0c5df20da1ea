// GET /v0/pipes/{p}/nodes/{n}/analysis: what the node would be as a materialization. Changes nothing, whatever dry_run says.
// Source: Tinybird's CLI and pipes API, read 2026-11; the body beyond its names is ours.
import type { Gate } from '@sandpiper/clickhouse'
import { printDatafile } from '@sandpiper/datafile'
import { effectiveEngine } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { deployerOf } from '../../deployments/recover-deployments.ts'
import { analyseNode, type NodeAnalysis } from '../../materializations/analyse-node.ts'
import { isOn } from '../../read-params.ts'
import { findPipeFor } from './find-pipe-for.ts'

/** `?datasource=<to fill, live or to be made>&include_datafile=true`: needs ADMIN, as deploying it does. */
export async function nodeAnalysis(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  gate: Gate,
): Promise<Record<string, unknown>> {
  const principal = await authorizeAdmin(c, deps)
  const { map, pipe, workspaceId } = await findPipeFor(deps, principal, c.req.param('name') ?? '')
  const named = c.req.param('node') ?? ''
  const at = pipe.file.nodes.findIndex(
    (each, index) => each.name === named || pipe.nodeIds[index] === named,
  )
  const node = pipe.file.nodes[at]
  if (node === undefined)
    throw fault('resource.missing', {
      public: `The pipe '${pipe.file.name}' does not have a node '${named.slice(0, 300)}'`,
    })
  const analysis = await analyseNode(
    { ...deps, gate, deployer: deployerOf(deps) },
    {
      ...{ workspaceId, map, pipe, node: node.name, dataSource: dataSourceOf(c) },
      signal: c.req.raw.signal,
    },
  )
  return {
    analysis: {
      pipe: { id: pipe.id, name: pipe.file.name },
      node: { id: pipe.nodeIds[at] ?? null, name: node.name },
      ...analysisBody(analysis),
    },
    warnings: analysis.warnings,
    ...(isOn(c.req.query('include_datafile')) ? { datafiles: datafilesOf(analysis) } : {}),
  }
}

function dataSourceOf(c: Context<ApiEnv>): string | null {
  const name = c.req.query('datasource') ?? ''
  if (name === '') return null
  if (/^[A-Za-z_]\w{0,199}$/.test(name)) return name
  throw fault('request.invalid', { public: `'${name.slice(0, 100)}' is no name of a data source.` })
}

function analysisBody({ dataSource, isLive, pipe, endpointSql }: NodeAnalysis) {
  const { type, sortingKey, partitionKey } = effectiveEngine(dataSource)
  const columns = dataSource.columns.map(({ name, type: columnType }) => ({
    name,
    type: columnType,
  }))
  const node = pipe.nodes.at(-1)
  return {
    datasource: {
      ...{ name: dataSource.name, exists: isLive, columns },
      schema: columns.map((each) => `\`${each.name}\` ${each.type}`).join(', '),
      engine: {
        ...{ engine: type, sorting_key: sortingKey },
        ...(partitionKey === null ? {} : { partition_key: partitionKey }),
      },
    },
    materialization: { pipe: pipe.name, node: node?.name, sql: node?.sql },
    endpoint_sql: endpointSql,
  }
}

function datafilesOf({ dataSource, isLive, pipe }: NodeAnalysis) {
  return (isLive ? [pipe] : [dataSource, pipe]).map((file) => ({
    filename: `${file.name}.${file.kind}`,
    text: printDatafile(file),
  }))
}
