// What a command says when it is done: the body for programs, a table or a sentence for people.
import type { CliCall } from './cli-call.ts'
import { CliError } from './cli-error.ts'
import type { Body } from './client.ts'
import { json, plain, table } from './print.ts'

/** A line may hold a token, which must come whole. */
const LINE_CHARS_MAX = 20_000

/** Rows under headings; `empty` when there are none. */
export interface Shown {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  readonly empty: string
}

export function showTable({ world, isJson }: CliCall, body: unknown, shown: Shown): void {
  if (isJson) world.out(json(body))
  else if (shown.rows.length === 0) world.out(`${shown.empty}\n`)
  else world.out(table(shown.headings, shown.rows))
}

export function showLine({ world, isJson }: CliCall, body: unknown, line: string): void {
  world.out(isJson ? json(body) : `${plain(line, LINE_CHARS_MAX)}\n`)
}

/** Name and value of each member given, one a line. */
export function showMembers(call: CliCall, body: Body, names: readonly string[]): void {
  const rows = names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]])
  showTable(call, body, { headings: ['WHAT', 'VALUE'], rows, empty: 'Nothing.' })
}

/** The list that a body holds under a name. @throws CliError when there is none. */
export function listIn(body: Body, name: string): Body[] {
  const list = body[name]
  if (Array.isArray(list)) return list as Body[]
  throw new CliError(`the server's answer has no list '${name}'. Use the command of its version.`)
}

/** A member as text; '' for everything else. */
export function textIn(body: Body, name: string): string {
  const value = body[name]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** A member that is an object; an empty one for everything else. */
export function objectIn(body: Body, name: string): Body {
  const value = body[name]
  return typeof value === 'object' && value !== null ? (value as Body) : {}
}

/** A name as it stands in a path. */
export function inPath(name: string): string {
  return encodeURIComponent(name)
}
