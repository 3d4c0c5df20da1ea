// The few calls of Sandpiper's API that the demo makes. Every failure is an Error of one clear line.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const RETRIES = 5
const PROJECT_FOLDERS = ['datasources', 'materializations', 'endpoints'] as const

export interface Server {
  readonly url: string
  readonly token: string
}

export interface Deployment {
  readonly id: string
  readonly status: string
  readonly live: boolean
}

interface DeployAnswer {
  readonly result: 'success' | 'failed' | 'no_changes'
  readonly deployment?: Deployment
  readonly error?: string
  readonly errors?: readonly { readonly filename?: string; readonly error: string }[]
}

/** Finds the server and the token of its workspace. */
export async function connect(url: string): Promise<Server> {
  const hint = 'Start it with `npm start`, or set SANDPIPER_URL.'
  const response = await fetch(new URL('/tokens', url)).catch((err: unknown) => {
    throw new Error(`No server at ${url}. ${hint}`, { cause: err })
  })
  if (!response.ok) {
    throw new Error(`${url}/tokens answers ${response.status}; it gives tokens on loopback only.`)
  }
  const tokens = (await response.json()) as { workspace_admin_token?: string }
  if (tokens.workspace_admin_token === undefined) throw new Error(`${url} is no Sandpiper. ${hint}`)
  return { url, token: tokens.workspace_admin_token }
}

/** Sends the whole project and waits until it is live. Returns what the server made of it. */
export async function deployProject(server: Server): Promise<DeployAnswer['result']> {
  const form = new FormData()
  for (const folder of PROJECT_FOLDERS) {
    const path = fileURLToPath(new URL(`${folder}/`, import.meta.url))
    for (const name of readdirSync(path)) {
      const part = new Blob([readFileSync(`${path}${name}`)], { type: 'text/plain' })
      form.append('data_project://', part, `${folder}/${name}`)
    }
  }
  const answer = await call<DeployAnswer>(server, '/v1/deploy?auto_promote=true', {
    method: 'POST',
    body: form,
  })
  if (answer.result === 'failed') throw new Error(`The deployment failed: ${reasons(answer)}`)
  if (answer.result === 'success' && answer.deployment) await untilLive(server, answer.deployment)
  return answer.result
}

/** Runs one SELECT and gives its rows. */
export async function select<Row>(server: Server, sql: string): Promise<Row[]> {
  const answer = await call<{ data: Row[] }>(server, '/v0/sql', {
    method: 'POST',
    body: `${sql} FORMAT JSON`,
  })
  return answer.data
}

/** Calls the API with the token. */
export async function call<Answer>(
  server: Server,
  path: string,
  init: RequestInit = {},
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${server.token}` }
  let response: Response
  for (let attempt = 0; ; attempt += 1) {
    response = await fetch(new URL(path, server.url), { ...init, headers }).catch(
      (err: unknown) => {
        throw new Error(`The server at ${server.url} went away.`, { cause: err })
      },
    )
    // Busy, and nothing was done: the server says when to come back.
    const isBusy = response.status === 429 || response.status === 503
    if (!isBusy || attempt === RETRIES) break
    await response.body?.cancel()
    const seconds = Number(response.headers.get('Retry-After') ?? '1')
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${text.slice(0, 500)}`)
  return JSON.parse(text) as Answer
}

async function untilLive(server: Server, deployment: Deployment): Promise<void> {
  const until = Date.now() + 120_000
  let now = deployment
  while (!now.live) {
    if (['failed', 'deleting', 'deleted'].includes(now.status)) {
      throw new Error(`Deployment ${now.id} is ${now.status}.`)
    }
    if (Date.now() > until) throw new Error(`Deployment ${now.id} is still ${now.status}.`)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const path = `/v1/deployments/${now.id}`
    now = (await call<{ deployment: Deployment }>(server, path)).deployment
  }
}

function reasons(answer: DeployAnswer): string {
  const errors = (answer.errors ?? []).map(({ filename, error }) => `${filename ?? ''} ${error}`)
  return [answer.error, ...errors].filter((each) => each !== undefined && each !== '').join('; ')
}
