// What `pnpm attack` was asked for.
import { parseArgs } from 'node:util'
import type { Server } from './target.ts'

export interface AttackOptions {
  /** null: start one. */
  readonly server: Server | null
  /** Numbers of the list; null: all. */
  readonly only: readonly number[] | null
  readonly isProof: boolean
  readonly isJson: boolean
}

export const USAGE = `pnpm attack --url URL --token TOKEN [options]

Attacks a running server over HTTP, with restricted tokens and JWTs, in workspaces (or branches) of its own that it removes again.

  --url URL      the server, e.g. http://127.0.0.1:7181; default: one of its own, started on a temporary directory
  --token TOKEN  an admin token of it; with ADMIN_USER two workspaces are made, else two branches
  --only N,M     only these numbers of the list
  --prove        attacks products with one safeguard removed each: every one must be found out
  --json         one line of JSON at the end instead of text
  --help

Exit code 0: nothing got through. 1: something did, and the first evidence stands behind its number.
`

/** @throws Error that says what is wrong. @returns null when only help is wanted. */
export function readOptions(args: readonly string[]): AttackOptions | null {
  const { values } = parseArgs({
    args: args.filter((each) => each !== '--'),
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      only: { type: 'string' },
      prove: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  const { url, token } = values
  if ((url === undefined) !== (token === undefined))
    throw new Error('--url and --token go together')
  return {
    server:
      url === undefined || token === undefined ? null : { url: origin(url), adminToken: token },
    only: values.only === undefined ? null : numbers(values.only),
    isProof: values.prove,
    isJson: values.json,
  }
}

function origin(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'http:')
    throw new Error(
      '--url is the address of a server over plain HTTP, such as http://127.0.0.1:7181',
    )
  return new URL(text).origin
}

function numbers(text: string): number[] {
  const list = text.split(',').map(Number)
  if (list.some((each) => !Number.isSafeInteger(each) || each < 1))
    throw new Error(`--only is a list of numbers such as 16,17; not ${text}`)
  return list
}
