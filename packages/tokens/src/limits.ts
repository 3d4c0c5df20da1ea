// What queries may take: by the server, by the plan of a workspace, by a single token. Whoever set it, the smallest holds.

/** What can be limited and in which unit; the engine's own names where it has one. Those of copies are the workspace's alone. */
export const LIMIT_UNITS = {
  max_execution_time: 'seconds',
  max_memory_usage: 'bytes',
  max_rows_to_read: 'rows',
  max_bytes_to_read: 'bytes',
  max_result_bytes: 'bytes',
  max_ast_elements: 'elements of the syntax tree',
  rps: 'requests per second',
  copy_max_execution_time: 'seconds',
  copy_max_result_bytes: 'bytes',
} as const

/** One of LIMIT_UNITS. */
export type LimitName = keyof typeof LIMIT_UNITS

/** Every limit there is. */
export const LIMIT_NAMES = Object.keys(LIMIT_UNITS) as readonly LimitName[]

/** Those that a token may have: it runs no copies. */
export const TOKEN_LIMIT_NAMES = LIMIT_NAMES.filter((name) => !name.startsWith('copy_'))

/** Whole numbers from 1; what is absent is not limited by whoever set these. */
export type Limits = Readonly<Partial<Record<LimitName, number>>>

/** What holds for a caller beside the limits of the server. */
export interface CallerLimits {
  readonly workspace: Limits
  readonly token: Limits
}

/** Who set a limit. */
export type LimitOrigin = 'server' | 'workspace' | 'token'

/** A limit that holds, and whose it is. */
export interface EffectiveLimit {
  readonly value: number
  readonly from: LimitOrigin
}

/** All limits that hold; a name is absent where nobody limits. */
export type EffectiveLimits = Readonly<Partial<Record<LimitName, EffectiveLimit>>>

const RPS_MAX = 1_000_000

/** Limits that could be read, or why not. */
export type ReadLimits =
  | { readonly limits: Limits; readonly problem: null }
  | { readonly limits: null; readonly problem: string }

/** Reads limits as a caller or the claims of a JWT give them; `null` and absent are no limit. An unknown name is a problem: left out, it would limit nothing. */
export function readLimits(value: unknown, names: readonly LimitName[]): ReadLimits {
  const changes = readLimitChanges(value ?? {}, names)
  if (changes.problem !== null) return changes
  const set = Object.entries(changes.changes).filter(([, each]) => each !== null)
  return { limits: Object.fromEntries(set), problem: null }
}

/** Limits to be set; null takes one away. */
export type LimitChanges = Readonly<Partial<Record<LimitName, number | null>>>

/** As readLimits(), but tells what is to be taken away. */
export function readLimitChanges(
  value: unknown,
  names: readonly LimitName[],
):
  | { readonly changes: LimitChanges; readonly problem: null }
  | { readonly limits: null; readonly changes: null; readonly problem: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return problem('"limits" must be an object of names and whole numbers')
  const changes: Partial<Record<LimitName, number | null>> = {}
  for (const [given, each] of Object.entries(value) as [string, unknown][]) {
    const name = names.find((known) => known === given)
    if (name === undefined)
      return problem(`there is no limit "${given.slice(0, 50)}": known are ${names.join(', ')}`)
    const max = name === 'rps' ? RPS_MAX : Number.MAX_SAFE_INTEGER
    const isTaken = Number.isInteger(each) && Number(each) >= 1 && Number(each) <= max
    if (each !== null && !isTaken)
      return problem(
        `the limit "${name}" must be a whole number of ${LIMIT_UNITS[name]} from 1 to ${max}`,
      )
    changes[name] = each === null ? null : Number(each)
  }
  return { changes, problem: null }
}

/** What is left of limits after a change. */
export function changedLimits(limits: Limits, changes: LimitChanges): Limits {
  const all = Object.entries({ ...limits, ...changes }).filter(([, value]) => value !== null)
  return Object.fromEntries(all)
}

/** The smallest of each limit; of equal ones that of whoever stands higher. */
export function effectiveLimits(server: Limits, caller?: CallerLimits): EffectiveLimits {
  const effective: Partial<Record<LimitName, EffectiveLimit>> = {}
  const take = (limits: Limits, from: LimitOrigin): void => {
    for (const name of LIMIT_NAMES) {
      const value = limits[name]
      const known = effective[name]
      if (value === undefined || (known !== undefined && known.value <= value)) continue
      effective[name] = { value, from }
    }
  }
  take(server, 'server')
  if (caller === undefined) return effective
  take(caller.workspace, 'workspace')
  take(caller.token, 'token')
  return effective
}

/** Both limits, or undefined when there are none: most callers have none, and are compared faster so. */
export function callerLimits(workspace: Limits, token: Limits): CallerLimits | undefined {
  const isNone = Object.keys(workspace).length === 0 && Object.keys(token).length === 0
  return isNone ? undefined : { workspace, token }
}

function problem(text: string) {
  return { limits: null, changes: null, problem: text } as const
}
