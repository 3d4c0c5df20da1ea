// Clients that leave, crowds, and the life of the process.
import { startEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ENDLESS, connect, type Connected, until } from './testing/connect.ts'

let at: Connected

beforeAll(async () => {
  at = await connect()
})

afterAll(async () => {
  expect(await at.close()).toBe(0)
})

describe('leaving', () => {
  test('a client that aborts takes its query along', async () => {
    const leaving = new AbortController()
    const asked = at.client.query({ query: ENDLESS, abort_signal: leaving.signal })
    const rejected = expect(asked).rejects.toThrow()
    await until(async () => (await at.running('%sipHash64%')) === 1)
    leaving.abort()
    await rejected
    await until(async () => (await at.running('%sipHash64%')) === 0)
  })

  test('a client that stops reading half-way takes its query along', async () => {
    const { stream } = await at.client.exec({
      query: "SELECT number, 'half' FROM numbers(100000000000)",
    })
    await until(async () => (await at.running('%half%')) === 1)
    stream.destroy()
    await until(async () => (await at.running('%half%')) === 0)
  })

  test('more queries than sessions wait in line; over the line the answer is 503 and 202', async () => {
    const small = await startEngine({
      env: { SANDPIPER_ENGINE_SESSIONS: '2', SANDPIPER_ENGINE_QUEUE_MAX: '3' },
    })
    try {
      const leaving = new AbortController()
      // The question below may take a place before all five have one: who is refused by it asks again.
      const stay = async (): Promise<void> => {
        const init = { method: 'POST', body: ENDLESS, signal: leaving.signal }
        while ((await fetch(small.url, init)).status === 503);
      }
      const hold = Array.from({ length: 5 }, () => stay().catch(() => null))
      // Two run and three wait: the sixth finds no place.
      let refused: Response | null = null
      await until(async () => {
        const soon = AbortSignal.timeout(300)
        refused = await fetch(small.url, { method: 'POST', body: 'SELECT 1', signal: soon }).catch(
          () => null,
        )
        return refused?.status === 503
      })
      const answer = refused as unknown as Response
      expect(answer.headers.get('x-clickhouse-exception-code')).toBe('202')
      expect(answer.headers.get('retry-after')).not.toBeNull()
      await answer.text()
      leaving.abort()
      await Promise.all(hold)
      const after = await fetch(small.url, { method: 'POST', body: 'SELECT 1' })
      expect(await after.text()).toBe('1\n')
    } finally {
      await small.stop()
    }
  })
})

describe('the process', () => {
  test('kill -9 and a new start on the same directory keep what was written', async () => {
    const first = await startEngine()
    const run = async (url: string, query: string): Promise<string> =>
      (await fetch(url, { method: 'POST', body: query })).text()
    await run(first.url, 'CREATE DATABASE k ENGINE = Atomic')
    await run(
      first.url,
      'CREATE TABLE k.t (a Int64) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1, fsync_part_directory = 1',
    )
    await run(first.url, 'INSERT INTO k.t SELECT number FROM numbers(1000)')
    await first.kill()
    const second = await startEngine({ directory: first.directory })
    expect(await run(second.url, 'SELECT count() FROM k.t')).toBe('1000\n')
    await second.stop()
    await first.stop()
  })

  test('a second engine on the same directory says so and ends', async () => {
    await expect(startEngine({ directory: at.engine.directory })).rejects.toThrow(
      /cannot open the engine's directory/,
    )
    expect(await at.rows('SELECT 1 AS a')).toEqual([{ a: 1 }])
  })

  test('SIGTERM lets a running query end and takes no new one', async () => {
    const ending = await startEngine()
    const slow = fetch(ending.url, { method: 'POST', body: 'SELECT sleep(1.5)' }).then((response) =>
      response.text(),
    )
    await until(async () => {
      const response = await fetch(ending.url, {
        method: 'POST',
        body: "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleep%'",
      })
      return (await response.text()) === '1\n'
    })
    const stopped = ending.stop()
    expect(await slow).toBe('0\n')
    expect(await stopped).toBe(0)
    await expect(fetch(ending.url)).rejects.toThrow()
  })

  test('SIGTERM cancels a query that does not end', async () => {
    const ending = await startEngine()
    const endless = fetch(ending.url, { method: 'POST', body: ENDLESS }).then(
      (response) => response.text(),
      () => 'cut off',
    )
    await until(async () => {
      const response = await fetch(ending.url, {
        method: 'POST',
        body: "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%'",
      })
      return (await response.text()) !== '0\n'
    })
    expect(await ending.stop()).toBe(0)
    expect(await endless).toMatch(/QUERY_WAS_CANCELLED|cut off/)
  })
})
