// Attacks 20 to 25: a token does what its scopes say, and learns nothing else.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'
import { SECRET, type Target } from './target.ts'

/** Everything that needs ADMIN, with what an attacker would ask of it. */
const MANAGEMENT: readonly (readonly [string, string])[] = [
  ['POST', '/v1/deploy'],
  ['POST', '/v1/build'],
  ['GET', '/v1/deployments'],
  ['GET', '/v1/deployments/1'],
  ['POST', '/v1/deployments/1/set-live'],
  ['DELETE', '/v1/deployments/1'],
  ['GET', '/v1/environments'],
  ['POST', '/v1/environments?name=evil'],
  ['GET', '/v1/workspaces'],
  ['GET', '/v1/user/workspaces'],
  ['POST', '/v1/workspaces?name=evil'],
  ['GET', '/v0/connectors'],
  ['GET', '/v0/jobs'],
  ['GET', '/v0/datasources/vault'],
  ['GET', '/v0/datasources/vault.datasource'],
  ['POST', '/v0/datasources/vault/truncate'],
  ['POST', '/v0/datasources/events/truncate'],
  ['POST', '/v0/datasources?name=vault&mode=append&format=ndjson'],
  ['POST', '/v0/events?name=vault'],
  ['POST', '/v0/tokens?name=evil&scope=ADMIN'],
  ['POST', '/v0/tokens?name=evil&scope=ADMIN_USER'],
  ['PUT', '/v0/tokens/keeper?scope=ADMIN'],
  ['POST', '/v0/tokens/workspace%20admin%20token/refresh'],
  ['DELETE', '/v0/tokens/workspace%20admin%20token'],
]

const REMOVING = '?auto_promote=true&allow_destructive_operations=true'

const LIMITED = ['reader', 'adder', 'caller', 'keeper'] as const

export function tokenAttacks(suite: Suite): void {
  scopeAttacks(suite)
  nameAttacks(suite)
  idAttacks(suite)
  valueAttacks(suite)
}

function scopeAttacks(suite: Suite): void {
  const { describe, each, test, target } = suite
  describe('attack 23: scopes are exact', () => {
    each(LIMITED)('%s manages nothing, appends to nothing else, truncates nothing', async (who) => {
      for (const [method, path] of MANAGEMENT) {
        const { status, text } = await as(target(), who, method, path)
        expect([status, text.includes(SECRET)], `${method} ${path}: ${text}`).toEqual([403, false])
      }
    })

    test('what only appends runs no SQL and no endpoint; what only reads appends nothing', async () => {
      for (const path of ['/v0/sql?q=SELECT%201', '/v0/pipes/echo.json', '/v0/pipes/echo'])
        expect((await as(target(), 'adder', 'GET', path)).status, path).toBe(403)
      for (const path of ['/v0/events?name=events', '/v0/datasources?name=events&mode=append'])
        expect((await as(target(), 'reader', 'POST', path)).status, path).toBe(403)
      expect((await as(target(), 'reader', 'GET', '/v0/pipes/echo.json')).status).toBe(403)
      expect(
        (await as(target(), 'caller', 'GET', '/v0/sql?q=SELECT%20*%20FROM%20events')).status,
      ).toBe(403)
    })

    test('what manages tokens neither sees nor makes an admin', async () => {
      const { keeper, admin, server } = target().tokens
      const list = await target().send('/v0/tokens', { token: keeper })
      expect(list.status).toBe(200)
      for (const value of [admin, server]) expect(list.text).not.toContain(value)
      for (const name of ['workspace%20admin%20token', encodeURIComponent(admin)])
        expect((await as(target(), 'keeper', 'GET', `/v0/tokens/${name}`)).text).not.toContain(
          admin,
        )
    })
  })
}

function nameAttacks(suite: Suite): void {
  const { test, target } = suite
  test('attack 19: what there is and what there is not get the same answer', async () => {
    const paths: [string, string][] = [
      ['GET', '/v0/datasources/?'],
      ['GET', '/v0/datasources/?.datasource'],
      ['POST', '/v0/datasources/?/truncate'],
      ['POST', '/v0/datasources?name=?&mode=append'],
      ['POST', '/v0/events?name=?'],
      ['GET', '/v0/sql?q=SELECT%201&pipeline=?'],
    ]
    for (const who of LIMITED) {
      for (const [method, path] of paths) {
        const [there, missing] = await Promise.all(
          ['vault', 'nosuch'].map((name) =>
            as(target(), who, method, path.replace(/\?(?=$|[./&])/, name)),
          ),
        )
        const seen = [there?.status, there?.text.replaceAll('vault', 'nosuch')]
        expect(seen, `${who} ${method} ${path}`).toEqual([missing?.status, missing?.text])
      }
      for (const path of ['/v0/pipes/?.json', '/v0/pipes/?', '/v0/pipes/?.pipe']) {
        if (who === 'caller') continue
        const there = await as(target(), who, 'GET', path.replace('?', 'sorted'))
        const missing = await as(target(), who, 'GET', path.replace('?', 'nosuch'))
        expect([there.status, there.text.replaceAll('sorted', 'nosuch')]).toEqual([
          missing.status,
          missing.text,
        ])
      }
    }
  })
}

async function lastDeployment(
  { send, tokens }: Target,
  who: 'admin' | 'stranger',
): Promise<number> {
  const { json } = await send('/v1/deployments?include_deleted=true', { token: tokens[who] })
  const { deployments } = json as { deployments: readonly { id: string }[] }
  return Math.max(0, ...deployments.map(({ id }) => Number(id)))
}

function idAttacks(suite: Suite): void {
  const { test, target } = suite
  test('attack 21: nothing of a workspace is found by its id from another one', async () => {
    const { ownId, otherId, tokens, send } = target()
    const made = await send('/v1/environments', {
      token: tokens.admin,
      body: new URLSearchParams({ name: 'b1' }),
    })
    // A branch has no branches: then its own id stands for one.
    const none = { job: { id: ownId }, workspace: { id: ownId } }
    const branch = made.status === 200 ? (made.json as typeof none) : none
    // Deployments are counted in each workspace from 1: this one is of the other workspace alone.
    for (const name of ['one', 'two'])
      await target().deploy(
        { [`${name}.pipe`]: 'NODE n\nSQL >\n    SELECT 1 AS a\nTYPE endpoint\n' },
        REMOVING,
      )
    await target().deploy({}, REMOVING)
    const deployment = await lastDeployment(target(), 'admin')
    expect(deployment).toBeGreaterThan(await lastDeployment(target(), 'stranger'))
    const paths: [string, string][] = [
      ['GET', `/v1/workspaces/${ownId}?with_token=true`],
      ['DELETE', `/v1/workspaces/${ownId}?hard_delete_confirmation=yes`],
      ['GET', `/v1/workspaces/${branch.workspace.id}?with_token=true`],
      ['GET', `/v0/jobs/${branch.job.id}`],
      ['GET', '/v1/environments/b1?with_token=true'],
      ['GET', `/v1/environments/${branch.workspace.id}?with_token=true`],
      ['DELETE', `/v1/environments/${branch.workspace.id}`],
      ['GET', `/v1/deployments/${deployment}`],
      ['DELETE', `/v1/deployments/${deployment}`],
      ['GET', '/v0/tokens/keeper'],
      ['GET', `/v0/tokens/${tokens.keeper}`],
      ['DELETE', `/v0/tokens/${tokens.keeper}`],
      ['POST', `/v0/tokens/${tokens.keeper}/refresh`],
      ['GET', '/v0/datasources/vault'],
      ['POST', '/v0/events?name=vault'],
      ['GET', '/v0/pipes/echo.json'],
    ]
    for (const [method, path] of paths) {
      const { status, text } = await as(target(), 'stranger', method, path)
      expect([403, 404], `${method} ${path}: ${text}`).toContain(status)
      expect(text).not.toContain(tokens.keeper)
    }
    const ids = [`ws_${ownId.replaceAll('-', '')}`, `ws_${otherId.replaceAll('-', '')}`]
    for (const name of [
      ...ids.map((id) => `${id}.x`),
      ...ids,
      ownId,
      `\`${ids[0] ?? ''}\`.\`x\``,
    ]) {
      const { status } = await target().sql(`SELECT * FROM ${name}`, tokens.stranger)
      expect(status, name).toBe(400)
    }
    const list = await as(target(), 'stranger', 'GET', '/v1/user/workspaces')
    expect(list.text).not.toContain(ownId)
    if (branch !== none)
      await send(`/v1/environments/${branch.workspace.id}`, {
        method: 'DELETE',
        token: tokens.admin,
      })
  })
}

function valueAttacks(suite: Suite): void {
  const { test, target } = suite
  test('attack 25: a token that is refreshed or removed stops at once', async () => {
    const { admin } = target().tokens
    const body = new URLSearchParams({ name: 'short', scope: 'DATASOURCES:READ:events' })
    const made = await target().send('/v0/tokens', { token: admin, body })
    const first = (made.json as { token: string }).token
    expect((await target().sql('SELECT 1', first)).status).toBe(200)
    const fresh = await target().send('/v0/tokens/short/refresh', { method: 'POST', token: admin })
    expect((await target().sql('SELECT 1', first)).status).toBe(403)
    const second = (fresh.json as { token: string }).token
    expect((await target().sql('SELECT 1', second)).status).toBe(200)
    await target().send('/v0/tokens/short', { method: 'DELETE', token: admin })
    expect((await target().sql('SELECT 1', second)).status).toBe(403)
  })

  test('attacks 13 and 22: a token that was changed in any place is none', async () => {
    const { admin, stranger } = target().tokens
    const [kind, payload, secret] = admin.split('.')
    const [, otherPayload] = stranger.split('.')
    const header = Buffer.from('{"alg":"none"}').toString('base64url')
    for (const value of [
      `${kind}.${otherPayload}.${secret}`,
      `${kind}.${payload}.${'A'.repeat(43)}`,
      `${kind}.${payload}.`,
      `${kind}..${secret}`,
      `${header}.${payload}.`,
      `${header}.${Buffer.from('{"scopes":[{"type":"ADMIN"}]}').toString('base64url')}.x`,
      `${admin}x`,
      admin.toUpperCase(),
      `p.${'A'.repeat(100_00)}.${secret}`,
      "' OR 1=1 --",
    ])
      expect(
        (await target().send('/v0/datasources', { token: value })).status,
        value.slice(0, 80),
      ).toBe(403)
  })
}

/** One request with the token of one of them. */
function as(
  { send, tokens }: Target,
  who: keyof Target['tokens'],
  method: string,
  path: string,
): ReturnType<Target['send']> {
  const body = method === 'GET' ? {} : { body: '{"secret":"z"}' }
  return send(path, { method, token: tokens[who], ...body })
}
