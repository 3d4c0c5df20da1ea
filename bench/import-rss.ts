// Memory of the main process while one large file is appended, and what that does to acknowledgements meanwhile.
// `npx tsx bench/import-rss.ts [megabytes]`, default 1024; each row has about 400 bytes.
import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandpiper } from '@sandpiper/testkit'
import { printMachine } from './machine.ts'

const megabytes = Number(process.argv[2] ?? 1024)
const BLOCK_ROWS = 2_500
const PROBE_EVERY_MS = 50

printMachine(`Append of a file of ${megabytes} MB`)
const dataDir = mkdtempSync(join(tmpdir(), 'sandpiper-import-'))
const product = await startSandpiper({ dataDir })
const headers = { Authorization: `Bearer ${product.tokens.workspace_admin_token}` }
try {
  await create('rows')
  await create('probe')
  const idle = await probing(3_000)
  print('idle', rssMb(product.pid), idle)
  const began = performance.now()
  let isOver = false
  let highest = 0
  const watching = (async () => {
    const samples: number[] = []
    while (!isOver) {
      samples.push(...(await probing(1_000)))
      highest = Math.max(highest, rssMb(product.pid))
    }
    return samples
  })()
  const answer = await fetch(`${product.url}/v0/datasources?mode=append&name=rows&format=ndjson`, {
    method: 'POST',
    headers,
    body: file(megabytes),
    duplex: 'half',
  })
  const body = (await answer.json()) as { successful_rows?: number }
  isOver = true
  const seconds = (performance.now() - began) / 1_000
  const during = await watching
  print('highest while importing', highest, during)
  const rate = Math.round((body.successful_rows ?? 0) / seconds)
  process.stdout.write(
    `${answer.status}: ${body.successful_rows} rows in ${seconds.toFixed(1)} s, ${rate} rows/s, ${(megabytes / seconds).toFixed(1)} MB/s\n`,
  )
} finally {
  await product.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

async function create(name: string): Promise<void> {
  const schema = 'id UInt64 `json:$.id`, at DateTime `json:$.at`, text String `json:$.text`'
  const body = new URLSearchParams({ name, schema, engine_sorting_key: 'id' })
  const answer = await fetch(`${product.url}/v0/datasources`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(await answer.text())
}

/** The file, made as it is sent: it never is in memory. */
function file(size: number): ReadableStream<Uint8Array> {
  const text = 'x'.repeat(340)
  let id = 0
  let left = size * 1024 * 1024
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) {
        controller.close()
        return
      }
      const lines = Array.from(
        { length: BLOCK_ROWS },
        () => `{"id":${id++},"at":"2026-11-21 10:00:00","text":"${text}"}\n`,
      )
      const bytes = Buffer.from(lines.join(''))
      left -= bytes.length
      controller.enqueue(bytes)
    },
  })
}

/** Milliseconds of acknowledgements of one event each. */
async function probing(forMs: number): Promise<number[]> {
  const samples: number[] = []
  for (const until = performance.now() + forMs; performance.now() < until;) {
    const began = performance.now()
    const answer = await fetch(`${product.url}/v0/events?name=probe`, {
      method: 'POST',
      headers,
      body: '{"id":1,"at":"2026-11-21 10:00:00","text":"x"}',
    })
    await answer.text()
    samples.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS))
  }
  return samples
}

function print(what: string, mb: number, samples: number[]): void {
  samples.sort((one, other) => one - other)
  const at = (part: number): string =>
    (samples[Math.floor((samples.length - 1) * part)] ?? 0).toFixed(1)
  process.stdout.write(
    `${what}: ${mb} MB resident in the main process; acknowledgements p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
  )
}

/** Anonymous memory only would leave out what the runtime maps: this is what `ps` shows. */
function rssMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1] ?? 0) / 1024)
}
