// What a datafile was over the deployments that have been live, of which the catalog keeps the maps.
import type { Deployment } from '@sandpiper/catalog'
import { wireTime, type ConsoleVersions } from '@sandpiper/contracts'

import { fileOf } from './project-files.ts'

/** The newest first, each other than the one before it. @param deployments in any order. */
export function fileVersions(
  deployments: readonly Deployment[],
  filename: string,
): ConsoleVersions['versions'] {
  const liveNumber = deployments.find(({ live }) => live)?.number ?? 0
  const versions: ConsoleVersions['versions'] = []
  let before: string | null = null
  for (const each of deployments.toSorted((one, other) => one.number - other.number)) {
    if (!wasLive(each, liveNumber)) continue
    const content = fileOf(each.map, filename)
    if (content !== null && content !== before)
      versions.push({
        deployment: String(each.number),
        created_at: wireTime(each.createdAt),
        content,
      })
    before = content
  }
  return versions.toReversed()
}

/** Failed and discarded deployments were never seen by anybody. */
function wasLive({ live, status, plan, number }: Deployment, liveNumber: number): boolean {
  if (live) return true
  const isDiscarded = (plan as { discarded?: boolean } | null)?.discarded === true
  return number < liveNumber && (status === 'deleting' || status === 'deleted') && !isDiscarded
}
