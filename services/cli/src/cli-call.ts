import type { Client } from './client.ts'
import type { CliConfig } from './config.ts'
import type { Credentials } from './credentials.ts'

/** What surrounds a run of the command. */
export interface CliWorld {
  readonly config: CliConfig
  readonly credentials: Credentials
  readonly out: (text: string | Uint8Array) => void
  /** Progress and errors: never what a program would read. */
  readonly err: (text: string) => void
  /** Whether somebody watches the progress. */
  readonly isTerminal: boolean
  /** Whether standard output is looked at: then it may have colours. */
  readonly isOutTerminal: boolean
  readonly sleep: (ms: number) => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A line typed by the user, unseen; null when nobody is there to ask. */
  readonly ask: (question: string) => Promise<string | null>
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal
}

/** Where to connect to, other than where the command line says. */
export interface Elsewhere {
  readonly url?: string
  /** Default: what is known for the url. */
  readonly token?: string
  /** Goes on after the user wanted to stop: to put things in order. */
  readonly isCleanup?: true
}

/** What a command works with; made for one call. */
export interface CliCall {
  readonly client: Client
  readonly world: CliWorld
  readonly isJson: boolean
  /** The token given on the command line itself. */
  readonly givenToken: string | null
  readonly connect: (elsewhere: Elsewhere) => Client
  /** Without what the command line says of tokens. @param token null: a server on this machine is asked for its own. */
  readonly connectWith: (to: { readonly url: string; readonly token: string | null }) => Client
}
