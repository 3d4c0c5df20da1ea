import type { DeployBody } from '@sandpiper/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { catalogKeys } from '@/lib/catalog/keys.ts'
import { discardDraft } from '@/lib/drafts/discard-draft.ts'
import { draftKeys } from '@/lib/drafts/keys.ts'

import type { FileChange } from '../changes.ts'
import { publishKeys } from '../keys.ts'
import { getLiveFiles } from './get-changes.ts'

interface How {
  act: 'check' | 'publish'
  /** Whether rows and resources may be lost. */
  mayLose: boolean
  signal?: AbortSignal
}

/** The live project with these changes: planned only, or made and live. */
function deployChanges(
  api: Api,
  changes: readonly FileChange[],
  { act, mayLose, signal }: How,
): Promise<DeployBody> {
  const body = new FormData()
  // A form without any part is none.
  body.append('origin', 'console')
  for (const { file, draft } of changes)
    if (draft !== null) body.append('data_project://', new Blob([draft]), file)
  return api.json<DeployBody>('/v1/deploy', {
    method: 'POST',
    query: {
      ...(act === 'check' ? { check: true } : { auto_promote: true }),
      onto: 'live',
      remove: changes.flatMap(({ file, draft }) => (draft === null ? [file] : [])),
      ...(mayLose ? { allow_destructive_operations: true } : {}),
    },
    body,
    ...(signal === undefined ? {} : { signal }),
  })
}

export interface Plan {
  answer: DeployBody
  /** What would be lost, in the server's words: none of it happens unless it is confirmed. */
  losses: readonly string[]
}

/** Asked without the permission to lose anything first: what only the permission changes is a loss. */
async function planChanges(
  api: Api,
  changes: readonly FileChange[],
  signal: AbortSignal,
): Promise<Plan> {
  const careful = await deployChanges(api, changes, { act: 'check', mayLose: false, signal })
  if (careful.result !== 'failed') return { answer: careful, losses: [] }
  const allowed = await deployChanges(api, changes, { act: 'check', mayLose: true, signal })
  if (allowed.result === 'failed') return { answer: allowed, losses: [] }
  return { answer: allowed, losses: (careful.errors ?? []).map(({ error }) => error) }
}

/** What the server would do. Nothing is changed by asking. */
export function usePlan(changes: readonly FileChange[]) {
  const api = useApi()
  return useQuery({
    queryKey: publishKeys.plan(api.place, api.token, JSON.stringify(changes)),
    enabled: changes.length > 0,
    queryFn: ({ signal }) => planChanges(api, changes, signal),
  })
}

/** Somebody published one of the files since they were compared. */
class LiveChanged extends Error {
  override name = 'LiveChanged'
}

/** Publishes, removes the drafts, and makes stale what is known of the live deployment. */
export function usePublish() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({
      changes,
      mayLose,
    }: {
      changes: readonly FileChange[]
      mayLose: boolean
    }) => {
      const files = changes.map(({ file }) => file)
      const live = await getLiveFiles(api, files)
      if (changes.some((each) => (live.get(each.file) ?? null) !== each.live))
        throw new LiveChanged(
          'Somebody published one of these files a moment ago. Look at the differences again.',
        )
      const answer = await deployChanges(api, changes, { act: 'publish', mayLose })
      if (answer.result === 'failed') return answer
      await Promise.all(files.map((file) => discardDraft(api, file)))
      return answer
    },
    onSettled: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: catalogKeys.all(api.place) }),
        client.invalidateQueries({ queryKey: draftKeys.all(api.place, api.token) }),
        client.invalidateQueries({ queryKey: [api.place, 'deployments'] }),
      ])
    },
  })
}
