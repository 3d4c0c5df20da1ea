// What a token opens: its own workspace or branch, and for a workspace's administrator the branches too.
import type { EnvironmentListBody, UserWorkspacesBody, WorkspaceBody } from '@sandpiper/contracts'
import { useMutation } from '@tanstack/react-query'

import { createApi } from '@/lib/api-client.ts'
import { isForbidden } from '@/lib/api-error.ts'
import { enter, type SignedIn } from '@/lib/session.ts'

/** Signs in; resolves with the place that the token names. */
async function enterWithToken(token: string, remembered: boolean): Promise<string> {
  const api = createApi('sign-in', token)
  const workspace = await api.json<WorkspaceBody>('/v1/workspace')
  const main = workspace.main
  const parent = main === null ? undefined : await nameOfParent(token, main)
  const place = parent === undefined ? workspace.name : `${parent}@${workspace.name}`
  const own: SignedIn = { place, token, workspaceId: workspace.id, remembered }
  const others = main === null ? await placesOf(token, workspace.name, remembered) : []
  enter([own, ...others])
  return place
}

export function useEnterWithToken() {
  return useMutation({
    mutationFn: ({ token, remembered }: { token: string; remembered: boolean }) =>
      enterWithToken(token.trim(), remembered),
  })
}

async function nameOfParent(token: string, id: string): Promise<string> {
  const all = await workspacesOf(token)
  return all.workspaces.find((each) => each.id === id)?.name ?? id
}

async function workspacesOf(token: string): Promise<UserWorkspacesBody> {
  try {
    return await createApi('sign-in', token).json<UserWorkspacesBody>('/v1/user/workspaces', {
      query: { with_token: 'true' },
    })
  } catch (err) {
    if (isForbidden(err)) return { organization_id: null, workspaces: [] }
    throw err
  }
}

/** Workspaces and branches that come with the token, when it may list them. */
async function placesOf(token: string, name: string, remembered: boolean): Promise<SignedIn[]> {
  const [{ workspaces }, branches] = await Promise.all([
    workspacesOf(token),
    createApi('sign-in', token)
      .json<EnvironmentListBody>('/v1/environments', { query: { with_token: 'true' } })
      .catch((err: unknown) => {
        if (isForbidden(err)) return { environments: [] }
        throw err
      }),
  ])
  const ofWorkspaces = workspaces.flatMap((each) =>
    each.token === undefined || each.main !== null || each.name === name
      ? []
      : [{ place: each.name, token: each.token, workspaceId: each.id, remembered }],
  )
  const ofBranches = branches.environments.flatMap((each) =>
    each.token === undefined
      ? []
      : [{ place: `${name}@${each.name}`, token: each.token, workspaceId: each.id, remembered }],
  )
  return [...ofBranches, ...ofWorkspaces]
}
