// What is attacked: two workspaces of the suite's own on one server, with data, endpoints and tokens of every kind.
import { randomBytes } from 'node:crypto'
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { projectForm } from '../support/http.ts'
import { readAttackConfig } from './config.ts'
import { send, type Sent, type ToSend } from './send.ts'

/** Stands in the data source that only admins may read, and in no error and no answer to anybody else. */
export const SECRET = 'TOPSECRET'

/** Names of ours that no answer may hold. */
export const OUR_NAMES = /ws_[0-9a-f]{32}|t_[0-9a-f]{32}_\d/

const EVENTS = `TOKEN reader READ
TOKEN adder APPEND
SCHEMA >
    \`at\` DateTime \`json:$.at\`,
    \`name\` String \`json:$.name\`,
    \`amount\` Nullable(Int32) \`json:$.amount\`
ENGINE "MergeTree"
ENGINE_SORTING_KEY "at"
`
const VAULT = `SCHEMA >
    \`secret\` String \`json:$.secret\`
ENGINE "MergeTree"
ENGINE_SORTING_KEY "secret"
`
const ECHO = `TOKEN caller READ
NODE out
SQL >
    %
    SELECT {{String(v, '')}} AS v, {{Array(list, 'String', '')}} AS list, length({{String(v, '')}}) AS size
TYPE endpoint
`
const SORTED = `TOKEN caller READ
NODE out
SQL >
    %
    SELECT name, amount FROM events {% if defined(col) %} ORDER BY {{columns(col, 'name')}} {% end %} LIMIT {{Int32(n, 10)}}
TYPE endpoint
`

/** The project that is attacked. */
const PROJECT: Readonly<Record<string, string>> = {
  'events.datasource': EVENTS,
  'vault.datasource': VAULT,
  'echo.pipe': ECHO,
  'sorted.pipe': SORTED,
}

export interface Target {
  readonly url: string
  readonly ownId: string
  readonly otherId: string
  /** Values. `reader` reads events, `adder` appends to it, `caller` calls the endpoints, `keeper` manages tokens; `stranger` is the admin of the other workspace. */
  readonly tokens: Readonly<
    Record<'admin' | 'reader' | 'adder' | 'caller' | 'keeper' | 'stranger' | 'server', string>
  >
  /** The process, when the suite started it. */
  readonly started: RunningSandpiper | null
  send(path: string, wish?: ToSend): Promise<Sent>
  /** SQL as one of them. */
  sql(sql: string, token?: string): Promise<Sent>
  /** POST /v1/deploy of the project with these files more. */
  deploy(files: Readonly<Record<string, string>>, query?: string): Promise<Sent>
  close(): Promise<void>
}

export async function openTarget(): Promise<Target> {
  const config = readAttackConfig()
  const started = config === null ? await startSandpiper() : null
  const url = config?.url ?? started?.url ?? ''
  const server = config?.adminToken ?? started?.tokens.admin_token ?? ''
  const mark = randomBytes(4).toString('hex')
  const own = await workspace(url, server, `attacked_${mark}`)
  const other = await workspace(url, server, `stranger_${mark}`)
  const admin = own.token
  const deploy: Target['deploy'] = (files, query = '?auto_promote=true') =>
    send(url, `/v1/deploy${query}`, { token: admin, body: projectForm({ ...PROJECT, ...files }) })
  const target: Omit<Target, 'tokens'> = {
    ...{ url, started, deploy },
    ownId: own.id,
    otherId: other.id,
    send: (path, wish) => send(url, path, wish),
    sql: (sql, token = admin) =>
      send(url, '/v0/sql', { token, body: sql, headers: { 'Content-Type': 'text/plain' } }),
    async close() {
      for (const { id } of [own, other]) {
        const path = `/v1/workspaces/${id}?hard_delete_confirmation=yes`
        await send(url, path, { method: 'DELETE', token: server })
      }
      await started?.stop()
    },
  }
  expectOk(await deploy({}))
  const append = async (name: string, body: string): Promise<void> => {
    expectOk(await send(url, `/v0/events?name=${name}&wait=true`, { token: admin, body }))
  }
  await append('vault', `{"secret":"${SECRET}"}`)
  await append('events', '{"at":"2026-01-01 00:00:00","name":"x","amount":1}')
  const made = new URLSearchParams({ name: 'keeper', scope: 'TOKENS' })
  expectOk(await send(url, '/v0/tokens', { token: admin, body: made }))
  const known = await send(url, '/v0/tokens', { token: admin })
  const list = (known.json as { tokens: { name: string; token?: string }[] }).tokens
  const value = (name: string): string => list.find((each) => each.name === name)?.token ?? ''
  const [reader, adder, caller, keeper] = ['reader', 'adder', 'caller', 'keeper'].map(value)
  if (!reader || !adder || !caller || !keeper) throw new Error('a token is missing')
  return {
    ...target,
    tokens: { admin, server, stranger: other.token, reader, adder, caller, keeper },
  }
}

async function workspace(
  url: string,
  token: string,
  name: string,
): Promise<{ id: string; token: string }> {
  const made = await send(url, '/v1/workspaces', { token, body: new URLSearchParams({ name }) })
  expectOk(made)
  return made.json as { id: string; token: string }
}

function expectOk({ status, text }: Sent): void {
  if (status !== 200 || /"result":"failed"/.test(text)) throw new Error(`${status} ${text}`)
}
