import type { QuarantineDetailBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { quarantineKeys } from './keys.ts'

/** Why rows of a data source were refused, with examples of each cause. */
export function useCauses(name: string) {
  const api = useApi()
  return useQuery({
    queryKey: quarantineKeys.causes(api.place, name),
    queryFn: ({ signal }) =>
      api.json<QuarantineDetailBody>(`/v1/quarantine/${encodeURIComponent(name)}`, {
        query: { limit: 100, samples: 3 },
        signal,
      }),
    refetchInterval: 10_000,
  })
}
