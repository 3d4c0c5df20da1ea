// Branches: workspaces beside the main one, each with a token of its own.
import type { CliCall } from './cli-call.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { inPath, objectIn, textIn } from './show.ts'

export interface Branch {
  readonly id: string
  readonly name: string
  readonly token: string
}

/** A client of a branch; it is made when it is not there. */
export async function branchClient(call: CliCall, name: string): Promise<Client> {
  const branch = (await findBranch(call.client, name)) ?? (await createBranch(call.client, name))
  return call.connect({ token: branch.token })
}

/** The branch with its token; null when there is none of that name. */
export async function findBranch(client: Client, name: string): Promise<Branch | null> {
  try {
    const body = await client.call('GET', `/v0/environments/${inPath(name)}?with_token=true`)
    return { id: textIn(body, 'id'), name: textIn(body, 'name'), token: textIn(body, 'token') }
  } catch (err) {
    if (err instanceof CliError && err.status === 404) return null
    throw err
  }
}

export async function createBranch(client: Client, name: string): Promise<Branch> {
  const query = new URLSearchParams({ name })
  const made = await client.call('POST', `/v1/environments?${query.toString()}`, { text: '' })
  const branch = await findBranch(client, name)
  if (branch === null)
    throw new CliError(
      `the branch ${name} is not there yet (job ${textIn(objectIn(made, 'job'), 'id')}). Look at sandpiper branch ls.`,
    )
  return branch
}

export async function removeBranch(client: Client, id: string): Promise<void> {
  await client.call('DELETE', `/v0/environments/${inPath(id)}`)
}
