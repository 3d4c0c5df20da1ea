import { afterAll, beforeAll, expect, test } from 'vitest'

import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({ draft: [['n0', 'SELECT 1 AS x', 'standard']] })
})
afterAll(() => api.stop())

test.each([
  ['/v0/pipes/nosuch.json', "The pipe 'nosuch' does not exist"],
  ['/v0/pipes/__proto__.json', "The pipe '__proto__' does not exist"],
  ['/v0/pipes/events.json', "The pipe 'events' does not exist"],
  ['/v0/pipes/draft.json', "The pipe 'draft' does not have an endpoint yet"],
  ['/v0/pipes/draft.json?__tb__deployment=99', "Deployment '99' not found"],
])('an admin is told what is missing: %s', async (path, error) => {
  for (const token of [api.adminToken, await api.token({ type: 'WORKSPACE:READ_ALL' })]) {
    const answer = await api.call(path, token)
    if (token !== api.adminToken && path.includes('deployment')) continue
    expect([answer.status, await answer.json()]).toEqual([404, { error }])
  }
})
