import { existsSync } from 'node:fs'
import type { CliCall } from '../cli-call.ts'
import type { Body } from '../client.ts'
import { CliError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { DASHBOARDS_FOLDER } from '../dashboards/dashboard-file.ts'
import { inPath, listIn, objectIn, showLine, showTable, textIn } from '../show.ts'
import { deploy } from './deploy.ts'

export const deploymentLs: CommandSpec = {
  usage: 'deployment ls',
  about: 'deployments, with which of them is live',
  options: [['--include-deleted', 'those that are gone, too']],
  examples: ['deployment ls'],
  async run(call, _args, options) {
    const query = options.isOn('include-deleted') ? '?include_deleted=true' : ''
    const body = await call.client.call('GET', `/v1/deployments${query}`)
    const rows = listIn(body, 'deployments').map((each) => [
      each['id'],
      each['live'] === true ? 'live' : stateOf(textIn(each, 'status')),
      each['created_at'],
    ])
    const headings = ['DEPLOYMENT', 'STATE', 'CREATED']
    showTable(call, body, { headings, rows, empty: 'There are no deployments.' })
  },
}

export const deploymentCreate: CommandSpec = {
  usage: 'deployment create',
  about: 'deploy the project and leave it staged: deploy --no-auto',
  options: (deploy.options ?? []).filter(([flags]) => !/-auto$/.test(flags)),
  examples: ['deployment create', 'deployment create --check'],
  run: (call, args, options) =>
    deploy.run(call, args, {
      ...options,
      isOff: (name) => name === 'auto' || options.isOff(name),
    }),
}

export const deploymentPromote: CommandSpec = {
  usage: 'deployment promote [id]',
  about:
    'make the staged deployment the live one; dashboards are no part of it: deploy sends those of the files',
  examples: ['deployment promote', 'deployment promote 7'],
  async run(call, [given = '']) {
    const id = given || (await stagedId(call))
    const body = await call.client.call('POST', `/v1/deployments/${inPath(id)}/set-live`)
    showLine(call, body, `deployment ${id} is live`)
    if (existsSync(DASHBOARDS_FOLDER))
      call.world.err(
        'Its dashboards were not sent: they are no part of a deployment. Send them: sandpiper deploy.\n',
      )
  },
}

export const deploymentDiscard: CommandSpec = {
  usage: 'deployment discard [id]',
  about: 'take the staged deployment back',
  examples: ['deployment discard'],
  async run(call, [given = '']) {
    const id = given || (await stagedId(call))
    const body = await call.client.call('DELETE', `/v1/deployments/${inPath(id)}`)
    const status = textIn(objectIn(body, 'deployment'), 'status')
    showLine(call, body, `deployment ${id} is ${stateOf(status) || 'gone'}`)
  },
}

async function stagedId({ client }: CliCall): Promise<string> {
  const deployments = listIn(await client.call('GET', '/v1/deployments'), 'deployments')
  const staged = deployments.filter(isStaged).map((each) => textIn(each, 'id'))
  const [only] = staged
  if (only !== undefined && staged.length === 1) return only
  throw new CliError(
    staged.length === 0
      ? 'no deployment is staged. Make one: sandpiper deployment create.'
      : `several deployments are staged (${staged.join(', ')}): say which.`,
  )
}

function isStaged(deployment: Body): boolean {
  return deployment['live'] !== true && deployment['id'] !== '0' && !isGone(deployment)
}

function isGone(deployment: Body): boolean {
  return ['deleting', 'deleted', 'failed'].includes(textIn(deployment, 'status'))
}

const STATES: Readonly<Record<string, string>> = {
  calculating: 'calculating steps',
  creating_schema: 'creating schema',
  schema_ready: 'migrating data',
  data_ready: 'staging',
}

function stateOf(status: string): string {
  return STATES[status] ?? status
}
