// /v0/pipes/{p}/nodes/{n}/population: fills the target of a materialized node from the rows of its source, as a job.
// Source: Tinybird pipes API reference and CLI, read 2026-11.
import { randomUUID } from 'node:crypto'

import type { Gate } from '@sandpiper/clickhouse'
import type { PopulationInput } from '@sandpiper/contracts'
import { feedersOf, targetName, type DeployedPipe } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { rowCondition } from '../../deployments/row-condition.ts'
import { isOn, readParams } from '../../read-params.ts'
import { jobBody, jobUrl } from '../jobs/job-body.ts'
import { findPipeFor } from './find-pipe-for.ts'

/** `POST .../population?truncate=&populate_subset=&populate_condition=&unlink_on_populate_error=`: needs ADMIN, since everything behind the target may change. */
export async function populateNode(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  gate: Gate,
): Promise<Record<string, unknown>> {
  const principal = await authorizeAdmin(c, deps)
  const { workspaceId } = principal
  const { values } = await readParams(c)
  const { map, pipe } = await findPipeFor(deps, principal, c.req.param('name') ?? '')
  const { nodeName, targetOf } = materialized(pipe, c.req.param('node') ?? '')
  const target = map.dataSources[targetOf]
  const source = feedersOf(map, targetOf).find((each) => each.pipe === pipe.file.name)?.source
  const from = source === undefined ? undefined : map.dataSources[source]
  if (target === undefined || from === undefined)
    throw fault('resource.missing', { public: 'The data source of the node is gone.' })
  if (isOn(values.get('unlink_on_populate_error')))
    throw fault('request.invalid', {
      public:
        'unlink_on_populate_error=true is not needed here: a population that fails leaves the materialization and its target as they were.',
    })
  const subset = subsetOf(values.get('populate_subset'))
  const shown = values.get('populate_condition')?.trim() ?? ''
  const judging = { clickhouse: deps.clickhouse, gate }
  const condition =
    shown === '' || subset !== null ? null : await rowCondition(judging, workspaceId, from, shown)
  const input: PopulationInput = {
    ...{ pipeId: pipe.id, pipeName: pipe.file.name, nodeName, condition, subset },
    ...{ dataSourceId: target.id, dataSourceName: target.file.name },
    truncate: isOn(values.get('truncate')),
  }
  const job = await deps.jobs.enqueue({
    ...{ id: randomUUID(), kind: 'populateview', workspaceId, input },
    details: {
      ...{ pipe_id: pipe.id, pipe_name: pipe.file.name, node_name: nodeName },
      ...{ datasource: { id: target.id, name: target.file.name } },
      ...{ truncate: input.truncate, populate_subset: subset },
      populate_condition: condition === null ? null : shown.slice(0, 300),
    },
  })
  return { ...jobBody(c, job), job: jobBody(c, job), job_url: jobUrl(c, job.id) }
}

function materialized(
  { file, nodeIds }: DeployedPipe,
  nameOrId: string,
): { readonly nodeName: string; readonly targetOf: string } {
  const node = file.nodes.find(
    (each, index) => each.name === nameOrId || nodeIds[index] === nameOrId,
  )
  if (node === undefined)
    throw fault('resource.missing', {
      public: `The pipe '${file.name}' does not have a node '${nameOrId.slice(0, 300)}'`,
    })
  const target = targetName(file)
  if (node.type === 'materialized' && target !== null)
    return { nodeName: node.name, targetOf: target }
  throw fault('request.invalid', { public: `The node '${node.name}' is not materialized.` })
}

/** It has precedence over the condition. */
function subsetOf(text: string | null): number | null {
  if (text === null || text === '') return null
  const subset = Number(text)
  if (subset > 0 && subset <= 1) return subset
  throw fault('request.invalid', {
    public: `populate_subset '${text.slice(0, 100)}' is not valid: it is above 0 and at most 1.`,
  })
}
