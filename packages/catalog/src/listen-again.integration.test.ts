// Listening on a real Postgres: a connection that cannot listen is not left behind.
import { createLogger } from '@sandpiper/telemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Database } from './database.ts'
import { listenAgain } from './listen-again.ts'
import { openBeside, startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

let running: TestCatalog
let beside: Database

beforeAll(async () => {
  running = await startCatalog()
  beside = openBeside(running)
})
afterAll(async () => {
  await beside.close()
  await running.stop()
})

test('a connection that cannot listen is ended before the next one is made', async () => {
  let attempts = 0
  const listening = listenAgain(
    {
      connectAlone() {
        attempts += 1
        return beside.connectAlone()
      },
    },
    createLogger({ service: 'test', level: 'silent' }),
    ['heard', 'no name of a channel'],
    { heard: () => undefined, connected: () => undefined },
  )
  await expect.poll(() => attempts, { timeout: 10_000 }).toBe(3)
  const sessions = await beside.rows(
    `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN no name%'`,
  )
  expect(sessions.length).toBeLessThan(2)
  await listening.close()
})
