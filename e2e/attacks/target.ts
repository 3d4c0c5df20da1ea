// What is attacked: two workspaces of the suite's own on one server (or two branches, where the token makes no workspaces), with data,
// endpoints and tokens of every kind.
import { randomBytes } from 'node:crypto'
import { projectForm } from '../support/http.ts'
import { PROJECT, ROWS, SALT } from './project.ts'
import { send, type Sent, type ToSend } from './send.ts'
import { inSeconds, signJwt, type Claims } from './sign-jwt.ts'

export { OUR_NAMES, SECRET } from './project.ts'

export interface Target {
  readonly url: string
  readonly ownId: string
  readonly otherId: string
  /** Whether `server` rules the server; else it is a token of one workspace, and the attacked ones are branches of it. */
  readonly isServer: boolean
  /**
   * Values. `reader` reads events, `adder` appends to it, `caller` calls the endpoints, `keeper` manages tokens, `filtered` is a JWT for
   * the rows of people that are its own; `stranger` is the admin of the other workspace.
   */
  readonly tokens: Readonly<Record<TokenName, string>>
  send(path: string, wish?: ToSend): Promise<Sent>
  /** SQL as one of them. */
  sql(sql: string, token?: string): Promise<Sent>
  /** POST /v1/deploy of the project with these files more. */
  deploy(files: Readonly<Record<string, string>>, query?: string): Promise<Sent>
  /** A JWT of the workspace that holds for ten minutes. @param claims instead of those it needs. */
  jwt(scopes: readonly Claims[], claims?: Claims): string
  /** Requests so far. */
  requests(): number
  close(): Promise<void>
}

type TokenName =
  'admin' | 'reader' | 'adder' | 'caller' | 'keeper' | 'filtered' | 'stranger' | 'server'

/** A server and an admin token of it. */
export interface Server {
  readonly url: string
  readonly adminToken: string
}

/** Makes what is attacked. What was made goes again when something fails. @throws Error with the answer that was not as it should be. */
export async function openTarget({ url, adminToken }: Server): Promise<Target> {
  let count = 0
  const counted = (path: string, wish?: ToSend): Promise<Sent> => {
    count += 1
    return send(url, path, wish)
  }
  const mark = randomBytes(4).toString('hex')
  const made: Made[] = []
  const close = async (): Promise<void> => {
    for (const { removal } of made.toReversed())
      await counted(removal, { method: 'DELETE', token: adminToken })
  }
  try {
    for (const name of [`attacked_${mark}`, `stranger_${mark}`])
      made.push(await makeWorkspace(counted, adminToken, name))
    const [own, other] = made as [Made, Made]
    const admin = own.token
    const base = { url, ownId: own.id, otherId: other.id, isServer: own.isWorkspace }
    const deploy: Target['deploy'] = (files, query = '?auto_promote=true') =>
      counted(`/v1/deploy${query}`, { token: admin, body: projectForm({ ...PROJECT, ...files }) })
    await fill(counted, admin, deploy)
    const tokens = await findTokens(counted, admin)
    const jwt: Target['jwt'] = (scopes, claims = {}) =>
      signJwt(
        { workspace_id: own.id, name: 'attacker', exp: inSeconds(600), scopes, ...claims },
        admin,
      )
    const filtered = jwt([MINE], { exp: inSeconds(3_600) })
    return {
      ...{ ...base, deploy, close },
      tokens: { ...tokens, filtered, admin, server: adminToken, stranger: other.token },
      send: counted,
      sql: (sql, token = admin) =>
        counted('/v0/sql', { token, body: sql, headers: { 'Content-Type': 'text/plain' } }),
      jwt,
      requests: () => count,
    }
  } catch (err) {
    await close()
    throw err
  }
}

const MINE = { type: 'DATASOURCES:READ', resource: 'people', filter: "org = 'mine'" }

type Send = Target['send']

interface Made {
  readonly id: string
  readonly token: string
  readonly isWorkspace: boolean
  /** DELETE removes it. */
  readonly removal: string
}

async function makeWorkspace(call: Send, token: string, name: string): Promise<Made> {
  const body = new URLSearchParams({ name })
  const made = await call('/v1/workspaces', { token, body })
  if (made.status !== 403) {
    expectOk(made)
    const workspace = made.json as { id: string; token: string }
    const removal = `/v1/workspaces/${workspace.id}?hard_delete_confirmation=yes`
    return { ...workspace, isWorkspace: true, removal }
  }
  const branch = await call('/v1/environments', { token, body })
  expectOk(branch)
  const shown = await call(`/v0/environments/${name}?with_token=true`, { token })
  expectOk(shown)
  const found = shown.json as { id: string; token: string }
  return { ...found, isWorkspace: false, removal: `/v1/environments/${found.id}` }
}

async function fill(call: Send, token: string, deploy: Target['deploy']): Promise<void> {
  const secret = new URLSearchParams({ name: 'salt', value: SALT })
  expectOk(await call('/v0/variables', { token, body: secret }))
  expectOk(await deploy({}))
  for (const [name, body] of ROWS)
    expectOk(await call(`/v0/events?name=${name}&wait=true`, { token, body }))
  const keeper = new URLSearchParams({ name: 'keeper', scope: 'TOKENS' })
  expectOk(await call('/v0/tokens', { token, body: keeper }))
}

async function findTokens(
  call: Send,
  token: string,
): Promise<Record<'reader' | 'adder' | 'caller' | 'keeper', string>> {
  const known = await call('/v0/tokens', { token })
  expectOk(known)
  const list = (known.json as { tokens: { name: string; token?: string }[] }).tokens
  const value = (name: string): string => {
    const found = list.find((each) => each.name === name)?.token
    if (found === undefined) throw new Error(`the token ${name} is missing`)
    return found
  }
  return {
    ...{ reader: value('reader'), adder: value('adder'), caller: value('caller') },
    keeper: value('keeper'),
  }
}

function expectOk({ status, text }: Sent): void {
  if (status !== 200 || /"result":"failed"/.test(text)) throw new Error(`${status} ${text}`)
}
