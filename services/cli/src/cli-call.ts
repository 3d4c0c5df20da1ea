import type { Command } from 'commander'
import type { Client } from './client.ts'
import type { CliConfig } from './config.ts'

/** What surrounds a run of the command. */
export interface CliWorld {
  readonly config: CliConfig
  readonly out: (text: string) => void
  /** Progress and errors: never what a program would read. */
  readonly err: (text: string) => void
  /** Whether somebody watches the progress. */
  readonly isTerminal: boolean
  readonly sleep: (ms: number) => Promise<void>
}

/** What a command works with; made for one call. */
export interface CliCall {
  readonly client: Client
  readonly world: CliWorld
  readonly isJson: boolean
}

/** Adds one group of commands. `call` is made from the options given anywhere on the line. */
export type CommandGroup = (program: Command, call: (command: Command) => CliCall) => void
