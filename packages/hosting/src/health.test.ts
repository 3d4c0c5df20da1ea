import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { answerHealth, type Health } from './health.ts'

let closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers) close()
  closers = []
})

async function serve(health: Partial<Health>): Promise<(path: string) => Promise<Response>> {
  const server = createServer(
    answerHealth({ checks: {}, isDraining: () => false, ...health }),
  ).listen(0, '127.0.0.1')
  closers.push(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return (path) => fetch(`http://127.0.0.1:${port}${path}`)
}

test('a process that lacks something is alive, not ready, and says what it lacks', async () => {
  const get = await serve({
    checks: {
      catalog: () => true,
      kafka: () => Promise.reject(new Error('away, at a secret address')),
    },
  })
  expect((await get('/health/live')).status).toBe(200)
  const ready = await get('/health/ready?x=1')
  expect(ready.status).toBe(503)
  expect(ready.headers.get('retry-after')).toBe('1')
  expect(await ready.json()).toEqual({ status: 'not ready', missing: ['kafka'] })
})

test('one that has everything is ready, until it drains', async () => {
  let isDraining = false
  const get = await serve({ checks: { catalog: () => true }, isDraining: () => isDraining })
  expect((await get('/health/ready')).status).toBe(200)
  isDraining = true
  expect(await (await get('/health/ready')).json()).toMatchObject({ missing: ['draining'] })
  expect((await get('/health/live')).status).toBe(200)
})

test('numbers are there where a process has some; other paths are not', async () => {
  const get = await serve({ metrics: () => 'x 1\n' })
  expect(await (await get('/metrics')).text()).toBe('x 1\n')
  expect((await get('/anything')).status).toBe(404)
  const without = await serve({})
  expect((await without('/metrics')).status).toBe(404)
})
