import { useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { useDrafts } from '@/lib/drafts/get-drafts.ts'
import { getLiveDatafile } from '@/lib/project/get-live-datafile.ts'

import { changesOf } from '../changes.ts'
import { publishKeys } from '../keys.ts'

export async function getLiveFiles(
  api: Api,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string | null>> {
  const texts = await Promise.all(files.map((file) => getLiveDatafile(api, file, signal)))
  return new Map(files.map((file, at) => [file, texts[at] ?? null]))
}

/** Every draft beside what is live now. */
export function useChanges() {
  const api = useApi()
  const drafts = useDrafts()
  const files = (drafts.data ?? []).map(({ id }) => id).sort()
  const live = useQuery({
    queryKey: publishKeys.live(api.place, files),
    enabled: drafts.data !== undefined,
    queryFn: ({ signal }) => getLiveFiles(api, files, signal),
  })
  const changes =
    drafts.data === undefined || live.data === undefined
      ? undefined
      : changesOf(drafts.data, live.data)
  const error = drafts.error ?? live.error
  return { changes, error, retry: () => void (drafts.isError ? drafts : live).refetch() }
}
