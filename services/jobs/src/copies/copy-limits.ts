// What the query of one copy may take: the smaller of what the server and the plan of the workspace allow. A copy runs with the rights of
// whoever deployed it, so limits of tokens do not count; time and result have limits of their own.
import {
  limitOf,
  limitsOfProcess,
  queryLimitsOf,
  type HitLimit,
  type QueryLimits,
} from '@sandpiper/clickhouse'
import type { Fault } from '@sandpiper/faults'
import { effectiveLimits, type EffectiveLimits } from '@sandpiper/tokens'

import type { CopyDeps } from './copy-deps.ts'

/** Limits of a run. */
export interface CopyLimitsOfRun {
  readonly effective: EffectiveLimits
  readonly query: QueryLimits
}

/** Asks for those of a workspace. */
export async function copyLimits(
  {
    catalog,
    limits,
  }: Pick<CopyDeps, 'limits'> & {
    readonly catalog: Pick<CopyDeps['catalog'], 'workspaceLimits'>
  },
  workspaceId: string,
): Promise<CopyLimitsOfRun> {
  const fallback = {
    ...limits.query,
    ...{ timeoutSeconds: limits.seconds, resultBytesMax: limits.bytesMax },
  }
  const {
    copy_max_execution_time: seconds,
    copy_max_result_bytes: bytes,
    ...others
  } = await catalog.workspaceLimits(workspaceId)
  const { max_execution_time: _, max_result_bytes: __, ...workspace } = others
  const effective = effectiveLimits(limitsOfProcess(fallback), {
    workspace: {
      ...workspace,
      ...(seconds === undefined ? {} : { max_execution_time: seconds }),
      ...(bytes === undefined ? {} : { max_result_bytes: bytes }),
    },
    token: {},
  })
  return { effective, query: queryLimitsOf(effective, fallback) }
}

/** The limit that ended a copy, by the name it is set by; null when no limit did. */
export function limitOfCopy(err: Fault, { effective }: CopyLimitsOfRun): HitLimit | null {
  const hit = limitOf(err, effective)
  if (hit?.name === 'max_execution_time') return { ...hit, name: 'copy_max_execution_time' }
  return hit?.name === 'max_result_bytes' ? { ...hit, name: 'copy_max_result_bytes' } : hit
}
