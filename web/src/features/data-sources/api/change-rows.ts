import type { DeployBody, JobBody } from '@sandpiper/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { ApiError } from '@/lib/api-error.ts'
import { useApi } from '@/lib/api-context.ts'
import type { Api } from '@/lib/api-client.ts'

import { dataSourceKeys } from './keys.ts'

/** Removes every row; materializations keep what they have. */
export function useTruncate(name: string) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ quarantine }: { quarantine: boolean }) => {
      await api.response(`/v0/datasources/${encodeURIComponent(name)}/truncate`, {
        method: 'POST',
        query: { quarantine },
      })
    },
    onSuccess: () => client.invalidateQueries({ queryKey: [api.place] }),
  })
}

/** How many rows a condition is true for. */
export function useCountToDelete(name: string) {
  const api = useApi()
  return useMutation({
    mutationFn: (condition: string) =>
      api.json<{ rows_to_be_deleted: number }>(
        `/v0/datasources/${encodeURIComponent(name)}/delete`,
        {
          method: 'POST',
          body: new URLSearchParams({ delete_condition: condition, dry_run: 'true' }),
        },
      ),
  })
}

/** Starts the job that deletes them. */
export function useDeleteRows(name: string) {
  const api = useApi()
  return useMutation({
    mutationFn: (condition: string) =>
      api.json<JobBody>(`/v0/datasources/${encodeURIComponent(name)}/delete`, {
        method: 'POST',
        body: new URLSearchParams({ delete_condition: condition }),
      }),
  })
}

/** What a deployment without this data source would do: what depends on it keeps it from being one. */
export function useRemovalPlan(name: string, isWanted: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'removal'),
    queryFn: () => deployWithout(api, name, { check: true, allow_destructive_operations: true }),
    enabled: isWanted,
    retry: false,
    staleTime: 0,
  })
}

/** Deploys the live project without it. */
export function useRemoveDataSource(name: string) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      const body = await deployWithout(api, name, {
        auto_promote: true,
        allow_destructive_operations: true,
      })
      if (body.result === 'failed') throw new ApiError(400, body.error ?? 'The deployment failed.')
    },
    onSuccess: () => {
      client.removeQueries({ queryKey: dataSourceKeys.one(api.place, name) })
      return client.invalidateQueries({ queryKey: [api.place] })
    },
  })
}

function deployWithout(
  api: Api,
  name: string,
  options: Readonly<Record<string, boolean>>,
): Promise<DeployBody> {
  return api.json<DeployBody>('/v1/deploy', {
    method: 'POST',
    query: { onto: 'live', remove: `${name}.datasource`, ...options },
    body: new FormData(),
  })
}
