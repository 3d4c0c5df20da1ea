// The `sandpiper` command: a client of the HTTP API and of nothing else. Exit codes: 0 done, 1 failed, 2 typed wrongly, 130 interrupted.
import { CommanderError } from 'commander'
import type { CliWorld } from './cli-call.ts'
import { CliError, Interrupted } from './cli-error.ts'
import { plain } from './print.ts'
import { createProgram } from './program.ts'

/** Characters of a message. */
const MESSAGE_CHARS_MAX = 4_000
const INTERRUPTED = 130

/** Runs one command line (without the program's name). @returns the exit code. */
export async function runCli(args: readonly string[], world: CliWorld): Promise<number> {
  const program = createProgram(world)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (err) {
    // Commander has written its own message.
    if (err instanceof CommanderError) return err.exitCode === 0 ? 0 : 2
    if (err instanceof Interrupted || world.signal.aborted) {
      world.err('sandpiper: stopped.\n')
      return INTERRUPTED
    }
    if (err instanceof CliError) {
      // What a server says may hold texts of others.
      world.err(`sandpiper: ${plain(err.message, MESSAGE_CHARS_MAX)}\n`)
      return err.exitCode
    }
    if (isOfDisk(err)) {
      world.err(`sandpiper: ${plain(err.message, MESSAGE_CHARS_MAX)}\n`)
      return 1
    }
    world.err(
      `sandpiper: this is a bug. ${err instanceof Error ? (err.stack ?? '') : String(err)}\n`,
    )
    return 1
  }
}

/** Whether it says of a file what is wrong with it: no room, no right, no such folder. */
function isOfDisk(err: unknown): err is NodeJS.ErrnoException {
  return err instanceof Error && 'syscall' in err && 'path' in err
}
