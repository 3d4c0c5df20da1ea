import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@sandpiper/telemetry'
import { startRedis, type TestRedis } from '@sandpiper/testkit'
import { createRequestQuota, type Quota } from '@sandpiper/tokens'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openRedis, type RedisLink } from './open-redis.ts'
import { createSharedQuota } from './shared-quota.ts'

const monotonicMs = (): number => performance.now()
const silent = createLogger({ service: 'test', level: 'silent' })
let redis: TestRedis
const links: RedisLink[] = []

async function open(url = redis.url, ca: string | null = null): Promise<RedisLink> {
  const link = await openRedis({ place: { url, ca }, logger: silent, monotonicMs })
  links.push(link)
  return link
}

beforeAll(async () => {
  redis = await startRedis({ password: 'secret-of-tests' })
})
afterAll(async () => {
  await Promise.all(links.map((link) => link.close()))
  await redis.stop()
})

const STANDING = (): number => 0
/** Buckets that are never full: whoever falls on them is told by the limit. */
const alone = () => createRequestQuota(STANDING)
const takenOf = (quotas: readonly Quota[]): number =>
  quotas.filter((quota) => quota.retrySeconds === 0).length

test('two processes let through one limit together, and say how much is left', async () => {
  const first = createSharedQuota(await open(), 'a', alone())
  const second = createSharedQuota(await open(), 'a', alone())
  expect(await first.take('w', 2)).toEqual({
    ...{ limit: 2, remaining: 1, resetSeconds: 1, retrySeconds: 0 },
  })
  expect(await second.take('w', 2)).toMatchObject({ remaining: 0, retrySeconds: 0 })
  // A third of half a second would have to pass for another one: on a slow machine it may have.
  const many = await Promise.all(
    Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? first : second).take('v', 10)),
  )
  expect(takenOf(many)).toBeGreaterThanOrEqual(10)
  expect(takenOf(many)).toBeLessThan(20)
  expect(many.find((quota) => quota.retrySeconds > 0)).toMatchObject({ limit: 10, retrySeconds: 1 })
})

test('keys and kinds have buckets of their own, however long a key is', async () => {
  const link = await open()
  const one = createSharedQuota(link, 'kind', alone())
  const long = 'x'.repeat(5_000)
  expect((await one.take('own', 1)).retrySeconds).toBe(0)
  expect((await one.take('own', 1)).retrySeconds).toBe(1)
  expect((await createSharedQuota(link, 'other', alone()).take('own', 1)).retrySeconds).toBe(0)
  expect((await one.take(`${long}1`, 1)).retrySeconds).toBe(0)
  expect((await one.take(`${long}2`, 1)).retrySeconds).toBe(0)
  expect((await one.take(`${long}2`, 1)).retrySeconds).toBe(1)
})

test('a bucket fills again by the clock of Redis, and one of another clock is full within a second', async () => {
  const quota = createSharedQuota(await open(), 'time', alone())
  // A server that was ahead by an hour left this behind.
  const [seconds] = /\d{10,}/.exec(await redis.command('TIME')) ?? ['0']
  await redis.command('SET', 'sandpiper:quota:time:w', `${Number(seconds) + 3_600}000000`)
  expect(await quota.take('w', 5)).toMatchObject({ remaining: 0, retrySeconds: 1 })
  await expect.poll(async () => (await quota.take('w2', 5)).remaining).toBeLessThan(4)
  await expect.poll(async () => (await quota.take('w2', 5)).remaining).toBeGreaterThan(0)
})

test('nothing of it stays in Redis once it says nothing any more', async () => {
  const quota = createSharedQuota(await open(), 'gone', alone())
  await quota.take('w', 100)
  await expect.poll(() => redis.command('EXISTS', 'sandpiper:quota:gone:w')).toBe(':0')
})

test('while Redis is down each process counts alone, and together again when it is back', async () => {
  const link = await open()
  const quota = createSharedQuota(link, 'down', alone())
  await quota.take('w', 1)
  await redis.kill()
  // The bucket of its own is full: one more is let through, and no second one.
  expect(await quota.take('w', 1)).toMatchObject({ limit: 1, retrySeconds: 0 })
  expect(await quota.take('w', 1)).toMatchObject({ retrySeconds: 1 })
  await redis.restart()
  await expect.poll(() => link.isThere()).toBe(true)
  const before = link.counters.answered
  expect(await quota.take('x', 1)).toMatchObject({ retrySeconds: 0 })
  expect(link.counters.answered).toBe(before + 1)
})

test('a Redis that says nothing costs one short wait, not one for each request', async () => {
  const link = await open()
  const quota = createSharedQuota(link, 'silent', alone())
  redis.freeze()
  try {
    expect((await quota.take('w', 1)).retrySeconds).toBe(0)
    expect(link.counters.failed).toBe(1)
    expect((await quota.take('w', 1)).retrySeconds).toBe(1)
    // Not even asked.
    expect(link.counters).toMatchObject({ failed: 1, skipped: 1 })
  } finally {
    redis.thaw()
  }
})

test('a Redis that was never there does not keep a process from starting', async () => {
  const link = await open('redis://127.0.0.1:1')
  const quota = createSharedQuota(link, 'never', alone())
  expect(link.isThere()).toBe(false)
  expect((await quota.take('w', 1)).retrySeconds).toBe(0)
})

test('a wrong password limits per process, and is in no line of the log', async () => {
  const lines: string[] = []
  const logger = createLogger({ service: 'test' }, { write: (line) => void lines.push(line) })
  const url = redis.url.replace('secret-of-tests', 'wrong-password-of-tests')
  const link = await openRedis({ place: { url }, logger, monotonicMs })
  links.push(link)
  const quota = createSharedQuota(link, 'password', alone())
  expect((await quota.take('w', 1)).retrySeconds).toBe(0)
  await expect.poll(() => lines.length).toBeGreaterThan(0)
  expect(lines.join('')).toContain('Redis is away')
  expect(lines.join('')).not.toContain('wrong-password')
})

test('with TLS the certificate is checked against the authority that was given', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sp-tls-'))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile],
  ])
  const secure = await startRedis({ tls: { certFile, keyFile } })
  try {
    expect((await open(secure.url, readFileSync(certFile, 'utf8'))).isThere()).toBe(true)
    expect((await open(secure.url)).isThere()).toBe(false)
  } finally {
    await secure.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
