// What an Idempotency-Key costs a request: CPU per key that is new, over a log that costs nothing, and again when the index is large.
// `npx tsx bench/key-claims.ts [keys=400000]`
import { setMaxListeners } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bodyHash, openKeyMemory } from '@sandpiper/idempotency'
import { createLogger } from '@sandpiper/telemetry'

const KEYS = Number(process.argv[2] ?? 400_000)
const AT_ONCE = 64
const WORKSPACE = '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'
const NEVER = new AbortController().signal
setMaxListeners(0, NEVER)

const dir = mkdtempSync(join(tmpdir(), 'key-claims-'))
try {
  await measure()
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function measure(): Promise<void> {
  let last = 0
  const log = {
    append: () => new Promise<number>((resolve) => setImmediate(resolve, (last += 1))),
    durable: () => last,
  }
  const none = (async function* () {})()
  const memory = await openKeyMemory({
    dir,
    logger: createLogger({ service: 'bench', level: 'warn' }),
    now: Date.now,
  })
  const keys = await memory.follow(log, { heads: () => none })
  const hash = await bodyHash(['body'])
  const append = (key: number): Promise<unknown> =>
    keys.appendOnce(
      {
        ...{ workspaceId: WORKSPACE, dataSourceId: `t_${'a'.repeat(32)}`, schemaVersion: 1 },
        ...{ requestId: '01JKQ0000000000000000000AA', arrivedAtMs: Date.now() },
        ...{ idempotencyHash: null, rowCount: 1, refusedCount: 0 },
        ...{ rows: Buffer.alloc(0), refused: Buffer.alloc(0) },
      },
      { workspaceId: WORKSPACE, key: `order-${key}`, bodyHash: hash },
      NEVER,
    )
  for (let part = 0; part < 4; part += 1) {
    const cpu = process.cpuUsage()
    const began = performance.now()
    const from = (part * KEYS) / 4
    for (let at = from; at < from + KEYS / 4; at += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => append(at + index)))
    tell(
      `keys ${from} to ${from + KEYS / 4}, new`,
      process.cpuUsage(cpu),
      performance.now() - began,
    )
  }
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (let at = 0; at < KEYS / 4; at += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => append(at + index)))
  tell('the oldest quarter again', process.cpuUsage(cpu), performance.now() - began)
  await keys.close()
  console.log(JSON.stringify(keys.counters()), `${Math.round(process.memoryUsage().rss / 1e6)} MB`)
}

function tell(what: string, { user, system }: NodeJS.CpuUsage, ms: number): void {
  const perKey = (us: number): string => (us / (KEYS / 4)).toFixed(1)
  console.log(
    `${what}: ${perKey(user + system)} us of CPU per key (${perKey(system)} of it in the system), ${perKey(ms * 1_000)} us of time`,
  )
}
