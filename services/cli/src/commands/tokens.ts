import type { Command } from 'commander'
import { tokenListSchema } from '@sandpiper/contracts'
import type { CommandGroup } from '../cli-call.ts'
import { json, table } from '../print.ts'

/** `sandpiper token ls`. Values are never printed. */
export const addTokenCommands: CommandGroup = (program, call) => {
  program
    .command('token')
    .description('tokens of the workspace')
    .command('ls')
    .description('names and scopes, without the tokens themselves')
    .action(async (_: unknown, command: Command) => {
      const { client, world, isJson } = call(command)
      const { tokens } = await client.get('/v0/tokens', tokenListSchema)
      const shown = tokens.map(({ id, name, scopes }) => ({ id, name, scopes }))
      if (isJson) world.out(json({ tokens: shown }))
      else {
        const rows = shown.map(({ name, scopes }) => [
          name,
          scopes.map(({ type, resource }) => (resource ? `${type}:${resource}` : type)).join(', '),
        ])
        world.out(table(['NAME', 'SCOPES'], rows))
      }
    })
}
