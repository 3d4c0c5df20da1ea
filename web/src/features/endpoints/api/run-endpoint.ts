import { useMutation } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { callEndpoint, type EndpointCall } from '@/lib/endpoints/call-endpoint.ts'

/** One call, as a caller would make it; it shows in the statistics like any other, so nothing here goes stale by it at once. */
export function useRunEndpoint() {
  const api = useApi()
  return useMutation({ mutationFn: (call: EndpointCall) => callEndpoint(api, call) })
}
