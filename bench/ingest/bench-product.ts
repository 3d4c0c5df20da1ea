// A product on a temporary data directory with one data source, `events`, and one materialized view on it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { startProduct, type StartedProduct } from '../started-product.ts'
import { PROJECT } from './bench-project.ts'

export interface BenchProduct extends StartedProduct {
  readonly dataDir: string
  readonly port: number
  /** One statement straight to the engine; its answer as it came. */
  engine(sql: string): Promise<string>
  /** CPU seconds used so far, by part of the product. */
  cpu(): Record<string, number>
  /** Resident bytes now, by part of the product. */
  rss(): Record<string, number>
}

/** Runs `work` against a new product and stops it, whatever happens. @param project datafiles by name. */
export async function withProduct(
  work: (product: BenchProduct) => Promise<void>,
  project: Readonly<Record<string, string>> = PROJECT,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'sandpiper-bench-'))
  const dataDir = join(home, 'data')
  try {
    const started = await startProduct(dataDir)
    const engine = new Pool('http://engine', {
      socketPath: join(dataDir, 'run/engine/engine.sock'),
      connections: 4,
      headersTimeout: 600_000,
      bodyTimeout: 600_000,
    })
    try {
      await deploy(started, project)
      await work({
        ...started,
        dataDir,
        port: Number(new URL(started.url).port),
        engine: (sql) => ask(engine, sql),
        cpu: () => cpuByPart(started.pid),
        rss: () => byPart(started.pid, residentBytes),
      })
    } finally {
      await engine.close()
      await started.stop()
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Deploys and promotes. */
export async function deploy(
  product: StartedProduct,
  project: Readonly<Record<string, string>>,
): Promise<void> {
  const form = new FormData()
  for (const [name, text] of Object.entries(project))
    form.append('data_project://', new Blob([text], { type: 'text/plain' }), name)
  const answer = await fetch(`${product.url}/v1/deploy?auto_promote=true`, {
    method: 'POST',
    headers: { authorization: `Bearer ${product.token}` },
    body: form,
  })
  const text = await answer.text()
  if (!answer.ok || !text.includes('"success"')) throw new Error(`deploy: ${answer.status} ${text}`)
}

async function ask(engine: Pool, sql: string): Promise<string> {
  const { statusCode, body } = await engine.request({ path: '/', method: 'POST', body: sql })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 500)}`)
  return text.trim()
}

/** CPU seconds used so far by a product, by part of it. @param root its main process. */
export function cpuByPart(root: number): Record<string, number> {
  return byPart(root, cpuSeconds)
}

/** Sums of a figure over the process tree: main, engine, writer, postgres. */
function byPart(root: number, figure: (pid: string) => number): Record<string, number> {
  const sums: Record<string, number> = {}
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const parts = new Map([[String(root), 'main']])
  for (let size = 0; size !== parts.size;) {
    size = parts.size
    for (const line of table.split('\n')) {
      const [, pid, parent = '', args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
      const above = parts.get(parent)
      if (pid !== undefined && above !== undefined) parts.set(pid, partOf(args ?? '', above))
    }
  }
  for (const [pid, part] of parts) sums[part] = (sums[part] ?? 0) + figure(pid)
  return sums
}

function partOf(args: string, above: string): string {
  if (above !== 'main') return above
  return /services[/](engine|writer)[/]/.exec(args)?.[1] ?? 'postgres'
}

function cpuSeconds(pid: string): number {
  const stat = procFile(pid, 'stat')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, in ticks of 10 ms.
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100
}

function residentBytes(pid: string): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(procFile(pid, 'status'))?.[1] ?? 0) * 1024
}

function procFile(pid: string, name: string): string {
  try {
    return readFileSync(join('/proc', pid, name), 'utf8')
  } catch {
    // It ended since the list was made, or this system has no /proc.
    return ''
  }
}
