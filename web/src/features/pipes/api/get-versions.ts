import type { ConsoleVersions } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { pipeKeys } from '../keys.ts'

/** What a datafile was in past deployments, the newest first. Goes stale with every promotion. */
export function useVersions(file: string) {
  const api = useApi()
  return useQuery({
    queryKey: pipeKeys.versions(api.place, file),
    queryFn: async ({ signal }) =>
      (
        await api.json<ConsoleVersions>('/v0/console/project/versions', {
          query: { file },
          signal,
        })
      ).versions,
  })
}
