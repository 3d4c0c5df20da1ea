import type { LocalTokensBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

/** The tokens of a server on this very machine, or null: elsewhere the route does not exist. */
async function getLocalTokens(): Promise<LocalTokensBody | null> {
  const answer = await fetch('/tokens', { credentials: 'omit', cache: 'no-store' })
  return answer.ok ? ((await answer.json()) as LocalTokensBody) : null
}

export function useLocalTokens() {
  return useQuery({ queryKey: ['local-tokens'], queryFn: getLocalTokens, retry: false })
}
