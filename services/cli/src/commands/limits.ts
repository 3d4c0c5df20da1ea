import { limitListSchema, tokenSchema, type LimitListBody } from '@sandpiper/contracts'

import type { CliCall } from '../cli-call.ts'
import { CliError } from '../cli-error.ts'
import type { CommandSpec, OptionSpec } from '../command-spec.ts'
import { readLimits } from '../limit-values.ts'
import { inPath, listIn, showTable, textIn } from '../show.ts'

const WORKSPACE: OptionSpec = [
  '--workspace <name or id>',
  'of another workspace, for a user token; default: that of your token',
]

export const workspaceLimitsShow: CommandSpec = {
  usage: 'workspace limits show',
  about: 'what one query may take, and who limits it',
  options: [WORKSPACE],
  examples: ['workspace limits show', 'workspace limits show --workspace acme'],
  async run(call, _args, options) {
    const id = await workspaceId(call, options.text('workspace'))
    showLimits(call, await call.client.get(`/v0/workspaces/${inPath(id)}/limits`, limitListSchema))
  },
}

export const workspaceLimitsSet: CommandSpec = {
  usage: 'workspace limits set <limit...>',
  about: 'set the plan of a workspace, with the user token of the server; holds within a second',
  options: [WORKSPACE],
  examples: [
    'workspace limits set max_memory_usage=512MB max_execution_time=5 --workspace acme',
    'workspace limits set rps=none --workspace acme',
  ],
  async run(call, limits, options) {
    const json = readLimits(limits)
    const id = await workspaceId(call, options.text('workspace'))
    const path = `/v0/workspaces/${inPath(id)}/limits`
    showLimits(call, limitListSchema.parse(await call.client.call('PUT', path, { json })))
  },
}

export const tokenLimits: CommandSpec = {
  usage: 'token limits <token> <limit...>',
  about: 'set what queries of one token may take; all that it had before is replaced',
  examples: [
    'token limits dashboard max_rows_to_read=1000000 rps=20',
    'token limits dashboard rps=none',
  ],
  async run(call, [token = '', ...limits]) {
    const json = { limits: readLimits(limits) }
    const changed = await call.client.call('PUT', `/v0/tokens/${inPath(token)}`, { json })
    const { name, limits: own = {} } = tokenSchema.parse(changed)
    const empty = `${name} has no limits but those of its workspace.`
    showTable(
      call,
      { name, limits: own },
      { headings: ['LIMIT', 'VALUE'], rows: Object.entries(own), empty },
    )
  },
}

function showLimits(call: CliCall, body: LimitListBody): void {
  const rows = body.limits.map(({ name, value, unit, from }) => [name, value, unit, from])
  const headings = ['LIMIT', 'VALUE', 'UNIT', 'SET BY']
  showTable(call, body, { headings, rows, empty: 'There are no limits.' })
}

/** @throws CliError when there is none of that name among those that the token may use. */
async function workspaceId({ client }: CliCall, wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return textIn(await client.call('GET', '/v1/workspace'), 'id')
  const all = listIn(await client.call('GET', '/v1/user/workspaces'), 'workspaces')
  const found = all.find(({ id, name }) => id === wanted || name === wanted)
  if (found !== undefined) return textIn(found, 'id')
  throw new CliError(`there is no workspace '${wanted}' that your token may use: see workspace ls.`)
}
