// The `sandpiper` command: a client of the HTTP API and of nothing else. Exit codes: 0 done, 1 failed, 2 typed wrongly.
import { Command, CommanderError, Option } from 'commander'
import type { CliCall, CliWorld, CommandGroup } from './cli-call.ts'
import { CliError } from './cli-error.ts'
import { createClient } from './client.ts'
import { addDataSourceCommands } from './commands/data-sources.ts'
import { addJobCommands } from './commands/jobs.ts'
import { addQuarantineCommands } from './commands/quarantine.ts'
import { addSqlCommand } from './commands/sql.ts'
import { addTokenCommands } from './commands/tokens.ts'
import { plain } from './print.ts'

/** Characters of a message. */
const MESSAGE_CHARS_MAX = 4_000

const GROUPS: readonly CommandGroup[] = [
  addQuarantineCommands,
  addDataSourceCommands,
  addJobCommands,
  addSqlCommand,
  addTokenCommands,
]

/** Runs one command line (without the program's name). @returns the exit code. */
export async function runCli(args: readonly string[], world: CliWorld): Promise<number> {
  const program = createProgram(world)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (err) {
    // Commander has written its own message.
    if (err instanceof CommanderError) return err.exitCode === 0 ? 0 : 2
    if (err instanceof CliError) {
      // What a server says may hold texts of others.
      world.err(`sandpiper: ${plain(err.message, MESSAGE_CHARS_MAX)}\n`)
      return err.exitCode
    }
    world.err(
      `sandpiper: this is a bug. ${err instanceof Error ? (err.stack ?? '') : String(err)}\n`,
    )
    return 1
  }
}

function createProgram(world: CliWorld): Command {
  const program = new Command('sandpiper')
    .description('Talk to a Sandpiper server.')
    .configureOutput({ writeOut: world.out, writeErr: world.err })
    .exitOverride()
    .showHelpAfterError('Try --help.')
    .addOption(new Option('--host <url>', 'the server [SANDPIPER_URL]').default(world.config.url))
    .addOption(
      new Option(
        '--token <token>',
        'a token [SANDPIPER_TOKEN]; without one, a server on this machine is asked for its own',
      ),
    )
    .option('--json', 'print what the server answered, as JSON')
  const call = (command: Command): CliCall => {
    const { host, token, json } = command.optsWithGlobals<{
      host: string
      token?: string
      json?: boolean
    }>()
    const client = createClient({ url: host, token: token ?? world.config.token })
    return { client, world, isJson: json === true }
  }
  for (const add of GROUPS) add(program, call)
  return program
}
