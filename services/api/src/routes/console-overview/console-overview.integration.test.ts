import { consoleOverviewSchema } from '@sandpiper/contracts'
import { createBreakers } from '@sandpiper/quarantine'
import { createLogger, NO_OPS } from '@sandpiper/telemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createApiApp } from '../../app.ts'
import { EVENTS_ID, startQueryApi, USERS_ID, type QueryApi } from '../../testing/start-query-api.ts'
import { consoleOverviewRoutes } from './console-overview.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({})
})
afterAll(() => api.stop())

async function ask(token: string): Promise<{ status: number; body: unknown }> {
  const breakers = createBreakers({
    ...{ logger: createLogger({ service: 'test', level: 'silent' }), ops: NO_OPS },
    ...{ now: () => 0, monotonicMs: () => 0 },
  })
  const of = (dataSourceId: string, rowCount: number, refusedCount: number): void => {
    breakers.observe({
      ...{ workspaceId: api.workspaceId, dataSourceId, dataSourceName: dataSourceId },
      ...{ rowCount, refusedCount, errors: [] },
    })
  }
  of(EVENTS_ID, 590, 10)
  of(USERS_ID, 60, 0)
  of('t_of_somebody_else', 6_000, 0)
  const ages: Readonly<Record<string, number>> = { [EVENTS_ID]: 2.5, t_of_somebody_else: 99 }
  const deps = {
    ...{ ...api.deps, breakers },
    log: { writerConnected: () => true } as typeof api.deps.log,
    loads: { oldestUnloadedSeconds: (id: string) => ages[id] ?? 0 },
  }
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await createApiApp(deps, [consoleOverviewRoutes]).request('/v0/console/overview', {
    headers,
  })
  return { status: answer.status, body: await answer.json() }
}

test('an admin sees what comes into the data sources of his workspace now, and nothing of another', async () => {
  const { status, body } = await ask(api.adminToken)
  const { at, ...overview } = consoleOverviewSchema.parse(body)
  expect([status, at]).toEqual([200, expect.any(String)])
  expect(overview).toEqual({
    ...{ is_loading: true, rows_per_second: 11, oldest_unloaded_seconds: 2.5 },
    refused_per_second: 10 / 60,
    data_sources: [
      {
        ...{ id: EVENTS_ID, name: 'events', rows_per_second: 10, refused_per_second: 10 / 60 },
        ...{ oldest_unloaded_seconds: 2.5, breaker: 'closed' },
      },
      {
        ...{ id: USERS_ID, name: 'users', rows_per_second: 1, refused_per_second: 0 },
        ...{ oldest_unloaded_seconds: 0, breaker: 'closed' },
      },
    ],
  })
  const other = await api.deps.catalog.createWorkspace({ name: 'other' })
  expect(await ask(other.adminToken.value)).toMatchObject({
    ...{ status: 200, body: { rows_per_second: 0, oldest_unloaded_seconds: 0, data_sources: [] } },
  })
})

test('nobody else sees it', async () => {
  for (const type of ['WORKSPACE:READ_ALL', 'TOKENS'] as const)
    expect((await ask(await api.token({ type }))).status).toBe(403)
  expect(
    (await ask(await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID }))).status,
  ).toBe(403)
})
