import { CliError, usageError } from '../cli-error.ts'
import { isLocal } from '../client.ts'
import type { CommandSpec } from '../command-spec.ts'
import { showLine, showMembers, textIn } from '../show.ts'

export const login: CommandSpec = {
  usage: 'login',
  about: 'keep a token for a server; that server is then the default',
  examples: ['login', 'login --host https://sandpiper.example.com'],
  async run(call) {
    const { world, connect, givenToken } = call
    const { origin } = call.client
    const asked = givenToken ?? world.config.token ?? (isLocal(origin) ? null : await asks(call))
    // A token that was kept may be of a server that is gone: this one is asked anew.
    const client =
      asked === null ? call.connectWith({ url: origin, token: null }) : connect({ token: asked })
    const workspace = await client.call('GET', '/v1/workspace')
    world.credentials.keep(origin, await client.token())
    showLine(
      call,
      { host: origin, workspace: textIn(workspace, 'name'), path: world.credentials.path },
      `You work with ${textIn(workspace, 'name')} at ${origin}. The token is in ${world.credentials.path}.`,
    )
  },
}

async function asks({ world, client }: Parameters<CommandSpec['run']>[0]): Promise<string> {
  const typed = (await world.ask(`Token for ${client.origin}: `))?.trim() ?? ''
  if (typed !== '') return typed
  throw usageError(
    `${client.origin} needs a token: give --token, or set SANDPIPER_TOKEN. Its administrator has one.`,
  )
}

export const logout: CommandSpec = {
  usage: 'logout',
  about: 'forget the token of a server',
  examples: ['logout', 'logout --host https://sandpiper.example.com'],
  run(call) {
    const { origin } = call.client
    if (!call.world.credentials.forget(origin))
      throw new CliError(`no token is kept for ${origin}.`)
    showLine(call, { host: origin }, `The token for ${origin} is forgotten here. It still works.`)
    return Promise.resolve()
  },
}

export const whoami: CommandSpec = {
  usage: 'whoami',
  aliases: ['info'],
  about: 'which server and workspace a command would work with',
  examples: ['whoami', 'info --json'],
  async run(call) {
    const workspace = await call.client.call('GET', '/v1/workspace')
    const isBranch = typeof workspace['main'] === 'string'
    showMembers(
      call,
      {
        host: call.client.origin,
        workspace: workspace['name'],
        workspace_id: workspace['id'],
        kind: isBranch ? 'branch' : 'workspace',
        user: workspace['user_email'],
        credentials: call.world.credentials.path,
      },
      ['host', 'workspace', 'workspace_id', 'kind', 'user', 'credentials'],
    )
  },
}
