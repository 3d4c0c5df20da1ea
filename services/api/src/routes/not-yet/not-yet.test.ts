import { createLogger } from '@sandpiper/telemetry'
import { describe, expect, test } from 'vitest'

import type { ApiDeps } from '../../api-deps.ts'
import { createApiApp } from '../../app.ts'
import { allRoutes } from '../all-routes.ts'
import { NOT_YET } from './not-yet-table.ts'

// Whatever asks the catalog or the engine before it answers fails here.
const nothing = new Proxy(
  {},
  {
    get(_, name) {
      throw new Error(`asked for ${String(name)}`)
    },
  },
)
const deps = {
  catalog: nothing,
  clickhouse: nothing,
  logger: createLogger({ service: 'test', level: 'silent' }),
  config: { host: '127.0.0.1', port: 7181, bodyBytesMax: 1_000 },
  now: Date.now,
} as unknown as ApiDeps
const app = createApiApp(deps, allRoutes)

const rows = NOT_YET.flatMap(({ methods, path, instead }) =>
  methods.map((method) => ({ method, path, instead })),
)

describe('a path that Tinybird has and we lack', () => {
  test.each(rows)('$method $path answers 501 with a way out', async ({ method, path, instead }) => {
    const asked = path.replaceAll(/:\w+/g, 'nosuch7f3a')
    for (const headers of [{}, { Authorization: 'Bearer p.x.y' }]) {
      for (const slash of ['', '/']) {
        const got = await app.request(asked + slash, { method, headers })
        const body = (await got.json()) as { error: string; documentation: string }
        expect([got.status, body.documentation]).toEqual([501, 'docs/compatibility.md'])
        expect(body.error).toContain(instead)
        expect(body.error).toContain('docs/compatibility.md')
        expect(body.error).not.toContain('7f3a')
        expect([...got.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual(
          [],
        )
      }
    }
  })

  test.each(['POST /v0/pipes', 'PUT /v0/pipes/:name', 'POST /v0/pipes/:name/nodes'])(
    '%s of Classic says so in the words that clients look for',
    (call) => {
      const row = rows.find(({ method, path }) => `${method} ${path}` === call)
      expect(row?.instead).toMatch(/Tinybird Classic workspaces.*Tinybird Forward workspace/)
    },
  )
})

test.each([
  ['GET', '/v0/nothing'],
  ['GET', '/v0/organizationsx'],
  ['DELETE', '/v0/pipes'],
  ['PATCH', '/v0/pipes'],
  ['GET', '/v2/pipes'],
  ['POST', '/v0/pipes/x/nodes/y/z'],
])('a path that nobody has is 404: %s %s', async (method, path) => {
  expect((await app.request(path, { method })).status).toBe(404)
})
