import { randomUUID } from 'node:crypto'

import {
  newWorkspaceSchema,
  userWorkspacesSchema,
  workspaceItemSchema,
  workspaceSchema,
} from '@sandpiper/contracts'
import { databaseName } from '@sandpiper/deployment'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  startManagementApi,
  type Answer,
  type TestApi,
} from '../../../test/start-management-api.ts'
import { ensureDefaultWorkspace } from './ensure-default-workspace.ts'

let api: TestApi

beforeAll(async () => {
  api = await startManagementApi()
})

afterAll(() => api.stop())

async function create(
  name = `w_${randomUUID()}`,
): Promise<{ id: string; name: string; token: string }> {
  const answer = await api.call('POST', '/v1/workspaces', api.home.userToken, {
    body: new URLSearchParams({ name }),
  })
  expect(answer.status).toBe(200)
  return newWorkspaceSchema.parse(answer.body)
}

async function databases(): Promise<string[]> {
  const rows = await api.deps.clickhouse.rows<{ name: string }>({
    sql: 'SELECT name FROM system.databases',
  })
  return rows.map((row) => row.name)
}

async function pipeToken(workspaceId: string): Promise<string> {
  const resource = `t_${'a'.repeat(32)}`
  const made = await api.deps.catalog.createToken({
    workspaceId,
    name: `reader ${randomUUID()}`,
    scopes: [{ type: 'PIPES:READ', resource, filter: null, fixedParams: null }],
    origin: { type: 'C', resourceId: null },
  })
  return made.value
}

const remove = (
  id: string,
  token: string,
  query = '?hard_delete_confirmation=yes',
): Promise<Answer> => api.call('DELETE', `/v1/workspaces/${id}${query}`, token)

describe('200', () => {
  test('a new workspace is listed with the token that opens it, and has its own database', async () => {
    const made = await create()
    const listed = await api.call(
      'GET',
      `/v1/user/workspaces?with_organization=true&token=${api.home.adminToken}`,
      null,
    )
    const { workspaces } = userWorkspacesSchema.parse(listed.body)
    expect(workspaces.find((each) => each.name === made.name)).toMatchObject({
      id: made.id,
      token: made.token,
      main: null,
    })
    const own = workspaceSchema.parse((await api.call('GET', '/v1/workspace', made.token)).body)
    expect(own).toMatchObject({ id: made.id, name: made.name, main: null })
    expect(await databases()).toContain(databaseName(made.id))
  })

  test('the name may come in the query, a form or JSON', async () => {
    const names = [`q_${randomUUID()}`, `f_${randomUUID()}`, `j_${randomUUID()}`] as const
    const answers = [
      await api.call('POST', `/v1/workspaces?name=${names[0]}`, api.home.userToken),
      await api.call('POST', '/v1/workspaces', api.home.userToken, {
        body: new URLSearchParams({ name: names[1] }),
      }),
      await api.call('POST', '/v1/workspaces/', api.home.userToken, {
        body: JSON.stringify({ name: names[2] }),
      }),
    ]
    expect(answers.map((each) => newWorkspaceSchema.parse(each.body).name)).toEqual(names)
  })

  test('a removed workspace is gone with its branches, tokens and databases, each under a turn', async () => {
    const made = await create()
    const branch = await api.deps.catalog.createWorkspace({ name: 'dev', mainId: made.id })
    await api.deps.clickhouse.command({
      sql: `CREATE DATABASE ${databaseName(branch.workspace.id)} ENGINE = Atomic`,
    })
    expect((await remove(made.id, api.home.userToken)).status).toBe(204)
    expect(api.turns.slice(-2)).toEqual([branch.workspace.id, made.id])
    const left = await databases()
    for (const id of [made.id, branch.workspace.id]) {
      expect(left).not.toContain(databaseName(id))
      expect(await api.deps.catalog.findWorkspace(id)).toBeNull()
    }
    for (const token of [made.token, branch.adminToken.value]) {
      expect((await api.call('GET', '/v1/workspace', token)).status).toBe(403)
    }
    expect((await create(made.name)).id).not.toBe(made.id)
  })

  test('branches are listed when asked for, alone or with the others', async () => {
    const made = await create()
    const { workspace: branch } = await api.deps.catalog.createWorkspace({
      name: 'dev',
      mainId: made.id,
    })
    const ids = async (query: string): Promise<string[]> => {
      const { body } = await api.call('GET', `/v0/user/workspaces/?${query}`, api.home.adminToken)
      return userWorkspacesSchema.parse(body).workspaces.map((each) => each.id)
    }
    expect(await ids('')).not.toContain(branch.id)
    expect(await ids('with_environments=true')).toEqual(
      expect.arrayContaining([made.id, branch.id]),
    )
    const only = await ids('only_environments=true')
    expect(only).toContain(branch.id)
    expect(only).not.toContain(made.id)
  })

  test('one workspace is shown with its token to those who rule it', async () => {
    const made = await create()
    for (const token of [made.token, api.home.adminToken]) {
      const { body } = await api.call('GET', `/v0/workspaces/${made.id}?with_token=true`, token)
      expect(workspaceItemSchema.parse(body).token).toBe(made.token)
    }
    const plain = await api.call('GET', `/v1/workspaces/${made.id}`, made.token)
    expect(workspaceItemSchema.parse(plain.body).token).toBeUndefined()
  })
})

describe('400', () => {
  test.each([
    '',
    'a b',
    '../x',
    "x'; DROP DATABASE default",
    '-a',
    '.a',
    'ü',
    'a'.repeat(129),
    'a\0',
  ])('a workspace cannot be named %j, and nothing is made', async (name) => {
    const before = (await api.deps.catalog.listWorkspaces()).length
    const answer = await api.call('POST', '/v1/workspaces', api.home.userToken, {
      body: new URLSearchParams({ name }),
    })
    expect(answer.status).toBe(400)
    expect(await api.deps.catalog.listWorkspaces()).toHaveLength(before)
  })

  test.each([
    '',
    '?hard_delete_confirmation=no',
    '?confirmation=other',
    '?hard_delete_confirmation=true',
  ])('removing needs its confirmation, not %j', async (query) => {
    const made = await create()
    expect((await remove(made.id, api.home.userToken, query)).status).toBe(400)
    expect((await api.call('GET', '/v1/workspace', made.token)).status).toBe(200)
  })

  test.each(['{', '[1]', '{"name": '])(
    'a body that is no JSON object is refused: %s',
    async (body) => {
      const headers = { 'Content-Type': 'application/json' }
      expect(
        (await api.call('POST', '/v1/workspaces', api.home.userToken, { body, headers })).status,
      ).toBe(400)
    },
  )
})

describe('400 for what cannot be read', () => {
  test('multipart', async () => {
    const body = new FormData()
    body.set('name', 'x')
    const answer = await api.call('POST', '/v1/workspaces', api.home.userToken, { body })
    expect(answer.status).toBe(400)
  })
})

describe('403', () => {
  test.each([
    'GET /v1/workspace',
    'GET /v1/workspaces',
    'POST /v1/workspaces',
    'GET /v1/user/workspaces',
    'DELETE /v1/workspaces/x',
    'GET /v1/workspaces/x',
  ])('%s without a token, or with one that is not known', async (line) => {
    const [method = '', path = ''] = line.split(' ')
    for (const token of [null, 'p.x.y', 'nonsense', api.home.userToken.slice(0, -1)]) {
      const answer = await api.call(method, path, token)
      expect(answer.status).toBe(403)
      expect(answer.body).toHaveProperty('error')
    }
  })

  test('a JWT is not accepted yet, whatever it claims', async () => {
    const jwt = [
      '{"alg":"none"}',
      JSON.stringify({ workspace_id: api.home.workspace.id, scopes: [{ type: 'ADMIN' }] }),
      '',
    ]
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.')
    expect((await api.call('GET', '/v1/workspace', jwt)).status).toBe(403)
  })

  test('an ADMIN of one workspace neither makes nor removes workspaces', async () => {
    const made = await create()
    expect((await api.call('POST', '/v1/workspaces?name=theirs', made.token)).status).toBe(403)
    expect((await remove(made.id, made.token)).status).toBe(403)
    expect((await api.call('GET', '/v1/workspace', made.token)).status).toBe(200)
  })

  test('a token without ADMIN sees its workspace but no list and no token', async () => {
    const made = await create()
    const reader = await pipeToken(made.id)
    expect((await api.call('GET', '/v1/workspace', reader)).status).toBe(200)
    expect((await api.call('GET', '/v1/user/workspaces', reader)).status).toBe(403)
    expect(
      (await api.call('GET', `/v1/workspaces/${made.id}?with_token=true`, reader)).status,
    ).toBe(403)
  })

  test('the payload of a token gives no rights: only the stored record counts', async () => {
    const made = await create()
    const secret = made.token.split('.')[2] ?? ''
    const payload = Buffer.from(
      JSON.stringify({ u: api.home.workspace.id, id: randomUUID(), host: 'local' }),
    ).toString('base64url')
    expect((await api.call('GET', '/v1/workspace', `p.${payload}.${secret}`)).status).toBe(403)
  })
})

describe('404', () => {
  test('a workspace of others looks exactly like one that does not exist', async () => {
    const [mine, theirs] = [await create(), await create()]
    const foreign = await api.call('GET', `/v1/workspaces/${theirs.id}?with_token=true`, mine.token)
    const absent = await api.call(
      'GET',
      `/v1/workspaces/${randomUUID()}?with_token=true`,
      mine.token,
    )
    expect(foreign.status).toBe(404)
    expect(foreign.body).toEqual(absent.body)
    const { body } = await api.call('GET', '/v1/user/workspaces?with_environments=true', mine.token)
    expect(userWorkspacesSchema.parse(body).workspaces.map((each) => each.id)).toEqual([mine.id])
  })

  test.each(['x', randomUUID(), '%00', "'%20OR%20true"])('removing %s', async (id) => {
    expect((await remove(id, api.home.userToken)).status).toBe(404)
  })
})

describe('409', () => {
  test('a name that is taken; the other workspace is not touched', async () => {
    const made = await create()
    const answer = await api.call('POST', `/v1/workspaces?name=${made.name}`, api.home.userToken)
    expect(answer.status).toBe(409)
    expect((await api.call('GET', '/v1/workspace', made.token)).status).toBe(200)
  })

  test('the workspace that holds the server tokens cannot be removed', async () => {
    expect((await remove(api.home.workspace.id, api.home.userToken)).status).toBe(409)
    expect((await api.call('GET', '/v1/workspace', api.home.workspaceAdminToken)).status).toBe(200)
  })
})

describe('413', () => {
  test('a body over 1 MiB that does not say how long it is', async () => {
    const body = new Blob([`name=${'a'.repeat(1_048_577)}`]).stream()
    const init = { body, duplex: 'half' } as RequestInit
    const answer = await api.call('POST', '/v1/workspaces', api.home.userToken, init)
    expect(answer.status).toBe(413)
  })

  test('a body over 1 MiB', async () => {
    const body = `name=${'a'.repeat(1_048_577)}`
    expect((await api.call('POST', '/v1/workspaces', api.home.userToken, { body })).status).toBe(
      413,
    )
  })
})

describe('the first start', () => {
  test('done again changes nothing', async () => {
    expect(await ensureDefaultWorkspace(api.deps)).toEqual(api.home)
  })

  test('gives tokens of three strengths', async () => {
    const scopes = async (value: string): Promise<string[] | undefined> =>
      (await api.deps.catalog.findToken(value))?.scopes.map((scope) => scope.type)
    expect(await scopes(api.home.userToken)).toEqual(['ADMIN_USER'])
    expect(await scopes(api.home.adminToken)).toEqual(['ADMIN', 'ADMIN_USER'])
    expect(await scopes(api.home.workspaceAdminToken)).toEqual(['ADMIN'])
  })

  test('makes databases that a cut-off creation left out', async () => {
    const { workspace } = await api.deps.catalog.createWorkspace({ name: `half_${randomUUID()}` })
    const branch = await api.deps.catalog.createWorkspace({ name: 'dev', mainId: workspace.id })
    expect(await databases()).not.toContain(databaseName(workspace.id))
    await ensureDefaultWorkspace(api.deps)
    expect(await databases()).toEqual(
      expect.arrayContaining([databaseName(workspace.id), databaseName(branch.workspace.id)]),
    )
  })
})
