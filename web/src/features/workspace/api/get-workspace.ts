import type { WorkspaceBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

export function useWorkspace() {
  const api = useApi()
  return useQuery({
    queryKey: [api.place, 'workspace'],
    queryFn: ({ signal }) => api.json<WorkspaceBody>('/v1/workspace', { signal }),
  })
}
