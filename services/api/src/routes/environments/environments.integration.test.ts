import { randomUUID } from 'node:crypto'

import {
  environmentListSchema,
  environmentSchema,
  jobListSchema,
  jobSchema,
  newEnvironmentSchema,
  workspaceSchema,
} from '@sandpiper/contracts'
import { databaseName } from '@sandpiper/deployment'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { startManagementApi, type TestApi } from '../../../test/start-management-api.ts'

let api: TestApi
let main: { id: string; token: string }

beforeAll(async () => {
  api = await startManagementApi()
})

afterAll(() => api.stop())

beforeEach(async () => {
  main = await newMain()
})

async function newMain(): Promise<{ id: string; token: string }> {
  const made = await api.deps.catalog.createWorkspace({ name: `w_${randomUUID()}` })
  return { id: made.workspace.id, token: made.adminToken.value }
}

async function createBranch(name: string): Promise<{ id: string; token: string; jobId: string }> {
  const made = await api.call('POST', `/v1/environments?name=${name}`, main.token)
  expect(made.status).toBe(200)
  const { job, workspace } = newEnvironmentSchema.parse(made.body)
  const shown = await api.call('GET', `/v0/environments/${name}?with_token=true`, main.token)
  return { id: workspace.id, token: environmentSchema.parse(shown.body).token ?? '', jobId: job.id }
}

async function hasDatabase(id: string): Promise<boolean> {
  const rows = await api.deps.clickhouse.rows({
    sql: 'SELECT 1 FROM system.databases WHERE name = {name:String}',
    params: { name: databaseName(id) },
  })
  return rows.length === 1
}

describe('200', () => {
  test('a new branch has a finished job, a database and a token of its own that says whose branch it is', async () => {
    const branch = await createBranch('feature_1')
    const job = await api.call('GET', `/v0/jobs/${branch.jobId}`, main.token)
    expect(jobSchema.parse(job.body)).toMatchObject({
      id: branch.jobId,
      job_id: branch.jobId,
      status: 'done',
    })
    expect(await hasDatabase(branch.id)).toBe(true)
    const own = await api.call('GET', '/v1/workspace', branch.token)
    expect(workspaceSchema.parse(own.body)).toMatchObject({
      id: branch.id,
      name: 'feature_1',
      main: main.id,
    })
    expect(branch.token).not.toBe(main.token)
  })

  test('the list shows branches of the caller only, with tokens only when asked', async () => {
    const branch = await createBranch('a')
    const plain = environmentListSchema.parse(
      (await api.call('GET', '/v1/environments', main.token)).body,
    )
    expect(plain.environments.map((each) => [each.id, each.name, each.token])).toEqual([
      [branch.id, 'a', undefined],
    ])
    const full = environmentListSchema.parse(
      (await api.call('GET', '/v0/environments?with_token=true', main.token)).body,
    )
    expect(full.environments.map((each) => each.token)).toEqual([branch.token])
    const other = await newMain()
    expect((await api.call('GET', '/v1/environments', other.token)).body).toEqual({
      environments: [],
    })
  })

  test('a removed branch is gone, under a turn, and its name is free again', async () => {
    const branch = await createBranch('short')
    expect((await api.call('DELETE', `/v0/environments/${branch.id}`, main.token)).status).toBe(204)
    expect(api.turns.at(-1)).toBe(branch.id)
    expect(await hasDatabase(branch.id)).toBe(false)
    expect((await api.call('GET', '/v1/workspace', branch.token)).status).toBe(403)
    expect((await createBranch('short')).id).not.toBe(branch.id)
  })

  test('names are apart per workspace', async () => {
    await createBranch('same')
    main = await newMain()
    await expect(createBranch('same')).resolves.toBeDefined()
  })
})

describe('400', () => {
  test.each(['last_partition', 'all_partitions', 'x'.repeat(500)])(
    'data=%s is not there yet: it says so and makes nothing',
    async (data) => {
      const answer = await api.call(
        'POST',
        `/v1/environments?name=with_data&data=${data}`,
        main.token,
      )
      expect(answer.status).toBe(400)
      expect(JSON.stringify(answer.body)).toContain('yet')
      expect(await api.deps.catalog.listBranches(main.id)).toEqual([])
    },
  )

  test.each(['', 'a-b', 'a b', 'a/b', 'ü', 'a'.repeat(129), "a'"])(
    'a branch cannot be named %j',
    async (name) => {
      const answer = await api.call(
        'POST',
        `/v1/environments?name=${encodeURIComponent(name)}`,
        main.token,
      )
      expect(answer.status).toBe(400)
      expect(await api.deps.catalog.listBranches(main.id)).toEqual([])
    },
  )
})

describe('403', () => {
  test('a branch token makes, lists, sees and removes no branches, not even itself', async () => {
    const branch = await createBranch('one')
    const sibling = await createBranch('two')
    for (const [method, path] of [
      ['POST', '/v1/environments?name=three'],
      ['GET', '/v1/environments?with_token=true'],
      ['GET', '/v0/environments/two?with_token=true'],
      ['DELETE', `/v0/environments/${sibling.id}`],
      ['DELETE', `/v0/environments/${branch.id}`],
    ] as const) {
      const answer = await api.call(method, path, branch.token)
      expect(answer.status, `${method} ${path}`).toBe(403)
      expect(JSON.stringify(answer.body)).not.toContain(sibling.token)
    }
    expect(await api.deps.catalog.listBranches(main.id)).toHaveLength(2)
  })

  test('a token without ADMIN, and none at all', async () => {
    const made = await api.deps.catalog.createToken({
      workspaceId: main.id,
      name: 'tokens only',
      scopes: [{ type: 'TOKENS', resource: null, filter: null, fixedParams: null }],
      origin: { type: 'C', resourceId: null },
    })
    for (const token of [made.value, null]) {
      expect((await api.call('POST', '/v1/environments?name=x', token)).status).toBe(403)
      expect((await api.call('GET', '/v0/environments/x?with_token=true', token)).status).toBe(403)
    }
  })
})

describe('404', () => {
  test('a branch that is not there; the SDK then creates it', async () => {
    expect(
      (await api.call('GET', '/v0/environments/absent?with_token=true', main.token)).status,
    ).toBe(404)
    expect((await api.call('DELETE', `/v0/environments/${randomUUID()}`, main.token)).status).toBe(
      404,
    )
  })

  test('a branch, and a job, of another workspace', async () => {
    const branch = await createBranch('theirs')
    const other = await newMain()
    for (const [method, path] of [
      ['GET', '/v0/environments/theirs?with_token=true'],
      ['GET', `/v0/environments/${branch.id}?with_token=true`],
      ['DELETE', `/v0/environments/${branch.id}`],
      ['DELETE', `/v0/environments/${main.id}`],
      ['DELETE', `/v0/environments/${other.id}`],
      ['GET', `/v0/jobs/${branch.jobId}`],
    ] as const) {
      expect((await api.call(method, path, other.token)).status, `${method} ${path}`).toBe(404)
    }
    expect((await api.call('GET', '/v1/workspace', branch.token)).status).toBe(200)
  })

  test.each(['x', '%00', randomUUID()])('job %s', async (id) => {
    expect((await api.call('GET', `/v0/jobs/${id}`, main.token)).status).toBe(404)
  })
})

describe('409', () => {
  test('a branch that exists stays as it is', async () => {
    const branch = await createBranch('taken')
    expect((await api.call('POST', '/v1/environments?name=taken', main.token)).status).toBe(409)
    expect((await api.call('GET', '/v1/workspace', branch.token)).status).toBe(200)
  })
})

describe('jobs', () => {
  test('are filtered by status and kind, and need a token', async () => {
    const branch = await createBranch('j')
    const ids = async (query: string): Promise<string[]> =>
      jobListSchema
        .parse((await api.call('GET', `/v0/jobs${query}`, main.token)).body)
        .jobs.map((job) => job.id)
    expect(await ids('')).toEqual([branch.jobId])
    expect(await ids('?status=done&kind=data_branch')).toEqual([branch.jobId])
    expect(await ids('?status=error')).toEqual([])
    expect(await ids('?kind=import')).toEqual([])
    expect((await api.call('GET', '/v0/jobs?status=nonsense', main.token)).status).toBe(400)
    expect((await api.call('GET', '/v0/jobs', null)).status).toBe(403)
    const made = await api.call('POST', '/v0/tokens?name=keeper&scope=TOKENS', main.token)
    const { token } = made.body as { token: string }
    expect((await api.call('GET', '/v0/jobs', token)).status).toBe(403)
    expect((await api.call('GET', `/v0/jobs/${branch.jobId}`, null)).status).toBe(403)
  })
})

describe('regions and health', () => {
  test('need no token', async () => {
    const regions = await api.call('GET', '/v0/regions', null)
    expect(regions.body).toMatchObject({
      regions: [{ api_host: expect.stringMatching(/^http/) as string }],
    })
    const health = await api.call('GET', '/v0/health', null)
    expect(health).toMatchObject({
      status: 200,
      body: { status: 'ok', catalog: 'ok', engine: 'ok' },
    })
  })
})
