// The `sandpiper` command as it is bundled, in a process of its own.
import { fileURLToPath } from 'node:url'
import { run, type Finished } from './run.ts'

export const COMMAND = fileURLToPath(new URL('../../services/cli/dist/main.mjs', import.meta.url))

/** Runs one line of it against a server. @param cwd where a user would stand. */
export function sandpiper(url: string, cwd: string, args: readonly string[]): Promise<Finished> {
  const env = { SANDPIPER_URL: url }
  return run({ command: process.execPath, args: [COMMAND, ...args], cwd, env, timeoutMs: 120_000 })
}
