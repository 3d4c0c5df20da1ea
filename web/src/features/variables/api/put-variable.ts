import type { VariableBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { variableKeys } from './keys.ts'

export interface NewValue {
  name: string
  value: string
  /** Whether the name is there already, and gets another value. */
  replaces: boolean
}

/** Keeps a secret. The value goes in the body: addresses stand in logs. */
export function usePutVariable() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ name, value, replaces }: NewValue) =>
      replaces
        ? api.json<VariableBody>(`/v0/variables/${encodeURIComponent(name)}`, {
            method: 'PUT',
            json: { value },
          })
        : api.json<VariableBody>('/v0/variables', { method: 'POST', json: { name, value } }),
    onSuccess: () => client.invalidateQueries({ queryKey: variableKeys.list(api.place) }),
    // Values are not kept in the page's memory longer than it takes to send them.
    gcTime: 0,
  })
}
