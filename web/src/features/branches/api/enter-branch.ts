import type { EnvironmentBody } from '@sandpiper/contracts'
import { useMutation } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { enter, signedIn } from '@/lib/session.ts'

/** Takes the token of a branch into the session. @returns its place. */
export function useEnterBranch() {
  const api = useApi()
  return useMutation({ mutationFn: (name: string) => enterBranch(api, name) })
}

async function enterBranch(api: Api, name: string): Promise<string> {
  const branch = await api.json<EnvironmentBody>(`/v1/environments/${encodeURIComponent(name)}`, {
    query: { with_token: true },
  })
  const place = placeOf(api, name)
  const remembered = signedIn().find((each) => each.place === api.place)?.remembered === true
  if (branch.token !== undefined)
    enter([{ place, token: branch.token, workspaceId: branch.id, remembered }])
  return place
}

/** `workspace@branch`: how a branch of this place is addressed. */
export function placeOf({ place }: Pick<Api, 'place'>, branch: string): string {
  return `${place.split('@')[0] ?? place}@${branch}`
}
