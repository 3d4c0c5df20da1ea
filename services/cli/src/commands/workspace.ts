import type { CommandSpec } from '../command-spec.ts'
import { listIn, showTable } from '../show.ts'

export const workspaceLs: CommandSpec = {
  usage: 'workspace ls',
  about: 'workspaces that your token may use',
  examples: ['workspace ls'],
  async run(call) {
    const body = await call.client.call('GET', '/v1/user/workspaces?with_environments=true')
    // Tokens of workspaces are in the answer: they are not for a screen.
    const workspaces = listIn(body, 'workspaces').map(({ id, name, role, main }) => ({
      ...{ id, name, role, main },
    }))
    const rows = workspaces.map(({ id, name, main }) => [
      name,
      main === null ? 'workspace' : 'branch',
      id,
    ])
    const headings = ['WORKSPACE', 'KIND', 'ID']
    showTable(call, { workspaces }, { headings, rows, empty: 'There are none.' })
  },
}

export const workspaceCurrent: CommandSpec = {
  usage: 'workspace current',
  about: 'the workspace of your token',
  examples: ['workspace current'],
  async run(call) {
    const body = await call.client.call('GET', '/v1/workspace')
    const headings = ['WORKSPACE', 'ID']
    showTable(call, body, { headings, rows: [[body['name'], body['id']]], empty: '' })
  },
}
