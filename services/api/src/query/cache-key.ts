// What a kept answer depends on, the asker included: two callers share one only when nothing of this differs (attack: a cache key without
// identity). The compiled SQL holds every parameter with an effect, fixed ones and filters included, and names tables by generation; the
// rights stand beside it all the same, so that a mistake in one place alone shows nobody the rows of another.
import { createHash } from 'node:crypto'

import type { QueryLimits } from '@sandpiper/clickhouse'
import type { CompiledQuery } from '@sandpiper/pipes'
import type { Principal } from '@sandpiper/tokens'

/** All of it. */
export interface CacheKeyParts {
  readonly principal: Principal
  readonly deployment: number
  readonly pipeId: string
  readonly compiled: Pick<CompiledQuery, 'sql' | 'params' | 'settings'>
  /** Settings of the request. */
  readonly settings: Readonly<Record<string, number>>
  /** Values of the token that no caller can change. */
  readonly fixedParams: Readonly<Record<string, unknown>>
  /** Whoever waits for one query waits for one that has the same: another's must not fail by them. */
  readonly limits: QueryLimits
  /** Of the answer. */
  readonly format: string
  /** Everything else that changes the answer. */
  readonly switches: readonly string[]
}

/** A name for exactly this answer to exactly these rights. */
export function cacheKey(parts: CacheKeyParts): string {
  const { principal, compiled } = parts
  const { workspaceId, kind } = principal
  const rights = principal.scopes
    .map(({ type, resource, filter, fixedParams }) =>
      JSON.stringify([type, resource, filter, fixedParams === null ? null : sorted(fixedParams)]),
    )
    .toSorted()
  const all = [
    ...[workspaceId, kind, rights, parts.deployment, parts.pipeId, compiled.sql],
    ...[compiled.params, compiled.settings, parts.settings, parts.fixedParams].map(sorted),
    ...[parts.format, parts.switches, sorted({ ...parts.limits })],
  ]
  return createHash('sha256').update(JSON.stringify(all)).digest('base64')
}

function sorted(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1))
}
