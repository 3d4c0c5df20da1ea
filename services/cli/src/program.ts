// The command line made of the table of commands.
import { Command, Option } from 'commander'
import { COMMANDS, GROUPS } from './all-commands.ts'
import type { CliCall, CliWorld, Elsewhere } from './cli-call.ts'
import { createClient, originOf } from './client.ts'
import { readOptions, type CommandSpec } from './command-spec.ts'

/** Milliseconds for putting things in order after an interruption. */
const CLEANUP_MS = 60_000
const HERE = 'http://127.0.0.1:7181'

/** The program, ready to parse a line. */
export function createProgram(world: CliWorld): Command {
  const program = new Command('sandpiper')
    .description('Talk to a Sandpiper server.')
    .configureOutput({ writeOut: world.out, writeErr: world.err })
    .exitOverride()
    .showHelpAfterError('Try --help.')
    .addOption(
      new Option(
        '--host <url>',
        `the server [SANDPIPER_URL]; default: where you logged in last, else ${HERE}`,
      ),
    )
    .addOption(
      new Option(
        '--token <token>',
        'a token [SANDPIPER_TOKEN]; default: that of the login; a server on this machine is asked for its own',
      ),
    )
    .option('--json', 'print the answer as JSON')
  const call = (command: Command): CliCall =>
    createCall(world, command.optsWithGlobals<GlobalOptions>())
  for (const spec of COMMANDS) {
    addCommand(program, spec, spec.usage, call)
    const rest = argumentsOf(spec.usage)
    for (const alias of spec.aliases ?? [])
      addCommand(program, spec, `${alias} ${rest}`.trim(), call, { hidden: true })
  }
  return program
}

interface GlobalOptions {
  readonly host?: string
  readonly token?: string
  readonly json?: boolean
}

function createCall(world: CliWorld, { host, token, json }: GlobalOptions): CliCall {
  const { config, credentials } = world
  const wanted = host ?? config.url ?? credentials.current() ?? HERE
  const connect = ({ url = wanted, token: other, isCleanup }: Elsewhere): CliCall['client'] => {
    const given = url === wanted ? (token ?? config.token) : null
    return createClient({
      url,
      token: other ?? given ?? credentials.tokenFor(originOf(url)),
      signal: isCleanup === true ? AbortSignal.timeout(CLEANUP_MS) : world.signal,
    })
  }
  return {
    client: connect({}),
    connect,
    connectWith: (to) => createClient({ ...to, signal: world.signal }),
    world,
    isJson: json === true,
    givenToken: token ?? null,
  }
}

function addCommand(
  program: Command,
  spec: CommandSpec,
  usage: string,
  call: (command: Command) => CliCall,
  options: { readonly hidden?: boolean } = {},
): void {
  const words = usage.slice(0, usage.length - argumentsOf(usage).length).trim()
  const path = words.split(' ')
  const parent = path.slice(0, -1).reduce((group, _, depth) => {
    const name = path[depth] ?? ''
    const there = group.commands.find((each) => each.name() === name)
    if (there !== undefined) return there
    const about = GROUPS[path.slice(0, depth + 1).join(' ')]
    return group.command(name, { hidden: about === undefined }).description(about ?? '')
  }, program)
  const command = parent
    .command(`${path.at(-1) ?? ''} ${argumentsOf(usage)}`.trim(), options)
    .description(spec.about)
    .addHelpText('after', `\nExamples:\n${examplesOf(spec)}`)
    .action(async (...given: unknown[]) => {
      // Commander gives the arguments, the options, and the command.
      const args = given
        .slice(0, -2)
        .flat()
        .map((each) => (typeof each === 'string' ? each : ''))
      await spec.run(call(command), args, readOptions(command.opts()))
    })
  for (const [flags, about, initial] of spec.options ?? [])
    command.option(flags, about, initial === undefined ? undefined : initial)
}

function argumentsOf(usage: string): string {
  return /[<[].*$/.exec(usage)?.[0] ?? ''
}

function examplesOf({ examples }: CommandSpec): string {
  return examples.map((each) => `  sandpiper ${each}\n`).join('')
}
