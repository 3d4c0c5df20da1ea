// Whether a copy can run when nobody gives it parameters. Asked by rendering: what stands behind {% if defined(x) %} needs no default.
import { JOB_TIMESTAMP, jobTimestamp } from '@sandpiper/contracts'
import type { DeployedPipe, DeploymentMap, PipeCopy } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { compilePipe, EVERYTHING, HIDDEN_SECRET } from '@sandpiper/pipes'

import { namedSecrets } from './unknown-secrets.ts'

/** What is wrong with a scheduled copy; null when nothing is. @param at.nowMs Unix milliseconds. */
export function problemOfSchedule(
  at: { readonly workspaceId: string; readonly map: DeploymentMap; readonly nowMs: number },
  pipe: DeployedPipe,
  copy: PipeCopy,
): string | null {
  // A secret that is not there yet is told as a warning: it may be set before the first run.
  const secrets = new Map(namedSecrets(at.map).map(({ name }) => [name, HIDDEN_SECRET]))
  const { workspaceId, map, nowMs } = at
  const params = { [JOB_TIMESTAMP]: jobTimestamp(nowMs) }
  try {
    const scope = { workspaceId, map, params, secrets, authority: EVERYTHING }
    compilePipe(scope, { pipe: pipe.file.name, node: copy.node.name })
    return null
  } catch (err) {
    if (!(err instanceof Fault) || err.code !== 'template.error') throw err
    return `with COPY_SCHEDULE every parameter needs a default, or to stand behind {% if defined(...) %}: ${err.details.public}`
  }
}
