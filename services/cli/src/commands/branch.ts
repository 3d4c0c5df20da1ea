import { createBranch, findBranch, removeBranch } from '../branches.ts'
import { CliError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { projectBody } from '../project.ts'
import { listIn, showLine, showTable } from '../show.ts'

export const branchLs: CommandSpec = {
  usage: 'branch ls',
  about: 'branches of the workspace',
  examples: ['branch ls'],
  async run(call) {
    const body = await call.client.call('GET', '/v1/environments')
    const rows = listIn(body, 'environments').map((each) => [each['name'], each['created_at']])
    showTable(call, body, {
      headings: ['BRANCH', 'CREATED'],
      rows,
      empty: 'There are no branches.',
    })
  },
}

export const branchCreate: CommandSpec = {
  usage: 'branch create <name>',
  about: 'a workspace beside the main one, empty',
  examples: ['branch create my_feature', 'build --branch my_feature'],
  async run(call, [name = '']) {
    const { id } = await createBranch(call.client, name)
    showLine(
      call,
      { id, name },
      `Branch ${name} is there. Fill it: sandpiper build --branch ${name}`,
    )
  },
}

export const branchRm: CommandSpec = {
  usage: 'branch rm <name>',
  about: 'remove a branch with its data',
  examples: ['branch rm my_feature'],
  async run(call, [name = '']) {
    const branch = await findBranch(call.client, name)
    if (branch === null) throw noBranch(name)
    await removeBranch(call.client, branch.id)
    showLine(call, { name }, `Branch ${name} is removed.`)
  },
}

export const branchClear: CommandSpec = {
  usage: 'branch clear <name>',
  about: 'remove everything in a branch, and keep it and its token',
  examples: ['branch clear my_feature'],
  async run(call, [name = '']) {
    const branch = await findBranch(call.client, name)
    if (branch === null) throw noBranch(name)
    await call.connect({ token: branch.token }).call('POST', '/v1/build', projectBody([]))
    showLine(call, { name }, `Branch ${name} is empty.`)
  },
}

function noBranch(name: string): CliError {
  return new CliError(`there is no branch ${name}. See sandpiper branch ls.`)
}
