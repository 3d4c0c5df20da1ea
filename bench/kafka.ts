// From a topic to a query: a real broker on this machine, events of 400 bytes of JSON. First how fast a full topic becomes queryable,
// against a reader that drops what it reads, in the same run; then how old an event is when it can be queried, at 5 MB/s.
//   npm run build && tsx bench/kafka.ts [--events 500000] [--seconds 10]
import { parseArgs } from 'node:util'

import { startTopicReader } from '@sandpiper/kafka'
import { createLogger } from '@sandpiper/telemetry'
import { kafkaTools, startKafka, startSandpiper, type KafkaTools } from '@sandpiper/testkit'

import { printMachine, quantile } from './machine.ts'

const EVENT_BYTES = 400
const PARTITIONS = 4
const BATCH = 2_000
const PER_SECOND = 5_000_000 / EVENT_BYTES
const TICK_MS = 20

const { values: args } = parseArgs({
  options: {
    events: { type: 'string', default: '500000' },
    seconds: { type: 'string', default: '10' },
  },
})
const events = Number(args.events)
const seconds = Number(args.seconds)

printMachine('Kafka to queryable')
const kafka = await startKafka({ heapMb: 512 })
const tools = kafkaTools(kafka.bootstrap)
try {
  await tools.admin.createTopic('full', PARTITIONS)
  await tools.admin.createTopic('live', PARTITIONS)
  await fill(tools)
  const bare = await readBare()
  report('bare reader, records dropped', bare)
  await measureProduct(bare)
} finally {
  await tools.close()
  await kafka.stop()
}

function eventOf(n: number): string {
  const head = `{"n":${n},"timestamp":"2026-11-22 12:00:00","user":"u${n % 10_000}","payload":"`
  return `${head}${'x'.repeat(EVENT_BYTES - head.length - 2)}"}`
}

async function fill(to: KafkaTools): Promise<void> {
  for (let n = 0; n < events; n += BATCH) {
    const partition = (n / BATCH) % PARTITIONS
    const count = Math.min(BATCH, events - n)
    const records = Array.from({ length: count }, (_, index) => ({
      ...{ key: null, value: eventOf(n + index), partition },
    }))
    await to.produce('full', records)
  }
}

/** @returns events a second. */
async function readBare(): Promise<number> {
  let seen = 0
  let began = 0
  let end: () => void = () => undefined
  const done = new Promise<void>((resolve) => (end = resolve))
  const reader = await startTopicReader(
    {
      connection: { bootstrapServers: [kafka.bootstrap], tls: null, sasl: null },
      ...{ groupId: 'bare', topic: 'full', clientId: 'bench' },
      logger: createLogger({ service: 'bench', level: 'silent' }),
    },
    {
      assigned: (partitions, steer) => {
        began = performance.now()
        for (const partition of partitions) steer.seek(partition, 0)
      },
      fetched: ({ records }) => {
        seen += records.length
        if (seen >= events) end()
      },
      failed: (problem) => {
        throw problem
      },
    },
  )
  await done
  const took = performance.now() - began
  await reader.close()
  return (seen / took) * 1_000
}

async function measureProduct(bare: number): Promise<void> {
  const product = await startSandpiper({
    bundled: true,
    env: { SANDPIPER_CONNECTION_PRIVATE_HOSTS: '127.0.0.1', SANDPIPER_LOG_LEVEL: 'warn' },
  })
  const headers = { Authorization: `Bearer ${product.tokens.workspace_admin_token}` }
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => {
    const body = `${sql} FORMAT JSON`
    const answer = await fetch(`${product.url}/v0/sql`, { method: 'POST', headers, body })
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    return (JSON.parse(text) as { data: Record<string, unknown>[] }).data
  }
  try {
    const form = new FormData()
    for (const [path, text] of Object.entries(project()))
      form.append('data_project://', new Blob([text]), path)
    const deploy = { method: 'POST', headers, body: form }
    const answer = await fetch(`${product.url}/v1/deploy?auto_promote=true`, deploy)
    const text = await answer.text()
    if (!text.includes('"success"')) throw new Error(text)
    report('queryable', await whenAllThere(rows), bare)
    await measureFreshness(rows)
  } finally {
    await product.stop()
  }
}

type Rows = (sql: string) => Promise<Record<string, unknown>[]>

/** Events a second, from the first that can be queried to the last. */
async function whenAllThere(rows: Rows): Promise<number> {
  let first: { at: number; count: number } | null = null
  for (;;) {
    const count = Number((await rows('SELECT count() AS c FROM full'))[0]?.['c'])
    const at = performance.now()
    if (first === null && count > 0) first = { at, count }
    if (first !== null && count >= events) return ((count - first.count) / (at - first.at)) * 1_000
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function measureFreshness(rows: Rows): Promise<void> {
  const waiting = Array.from({ length: PARTITIONS }, () => [] as { n: number; sentMs: number }[])
  const ages: number[] = []
  let isSending = true
  const send = async (): Promise<void> => {
    const perTick = Math.round((PER_SECOND * TICK_MS) / 1_000)
    const began = performance.now()
    let n = 0
    for (let tick = 0; tick * TICK_MS < seconds * 1_000; tick += 1) {
      const partition = tick % PARTITIONS
      const sentMs = performance.now()
      const value = (index: number): string => eventOf(n + index)
      const records = Array.from({ length: perTick }, (_, index) => ({
        ...{ key: null, value: value(index), partition },
      }))
      n += perTick
      waiting[partition]?.push({ n: n - 1, sentMs })
      await tools.produce('live', records)
      const next = began + (tick + 1) * TICK_MS
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
    }
    isSending = false
  }
  const look = async (): Promise<void> => {
    while (isSending || waiting.some((line) => line.length > 0)) {
      const found = await rows('SELECT __partition AS p, max(n) AS n FROM live GROUP BY p')
      const now = performance.now()
      for (const row of found) {
        const line = waiting[Number(row['p'])] ?? []
        while (line[0] !== undefined && line[0].n <= Number(row['n']))
          ages.push(now - (line.shift()?.sentMs ?? now))
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  await Promise.all([send(), look()])
  const age = (share: number): string => quantile(ages, share).toFixed(0)
  console.log(
    `freshness at 5 MB/s, ms from sending to queryable: p50 ${age(0.5)}, p95 ${age(0.95)}, p99 ${age(0.99)}, ${ages.length} samples`,
  )
}

function project(): Record<string, string> {
  const reader = (topic: string): string => `SCHEMA >
    \`n\` UInt64 \`json:$.n\`,
    \`timestamp\` DateTime \`json:$.timestamp\`,
    \`user\` String \`json:$.user\`,
    \`payload\` String \`json:$.payload\`

ENGINE "MergeTree"
ENGINE_SORTING_KEY "n"
KAFKA_CONNECTION_NAME cluster
KAFKA_TOPIC ${topic}
KAFKA_GROUP_ID bench-${topic}
KAFKA_AUTO_OFFSET_RESET earliest
`
  return {
    'cluster.connection': `TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS ${kafka.bootstrap}\nKAFKA_SECURITY_PROTOCOL PLAINTEXT\n`,
    'full.datasource': reader('full'),
    'live.datasource': reader('live'),
  }
}

function report(name: string, perSecond: number, bare?: number): void {
  const ratio = bare === undefined ? '' : `, ${(perSecond / bare).toFixed(2)} of the bare reader`
  console.log(`${name}: ${Math.round(perSecond).toLocaleString('en')} events/s${ratio}`)
}
