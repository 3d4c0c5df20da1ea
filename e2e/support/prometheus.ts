// A real Prometheus over files of infra/, found or installed by scripts/ensure-prometheus.mjs.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { freePort } from '@sandpiper/testkit'
import { eventually } from './eventually.ts'

const INFRA = fileURLToPath(new URL('../../infra/', import.meta.url))

export interface Prometheus {
  /** Answer of its HTTP API below /api/v1, the `data` of it. @throws Error when it is none. */
  ask(path: string, params?: Readonly<Record<string, string>>): Promise<unknown>
  stop(): Promise<void>
}

/** Its folder has promtool too. */
function findPrometheus(): string {
  const script = fileURLToPath(new URL('../../scripts/ensure-prometheus.mjs', import.meta.url))
  return execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim()
}

/** What promtool says of a file of infra/prometheus. @throws Error with its words when it finds fault. */
export function promtool(...args: readonly string[]): string {
  const program = join(dirname(findPrometheus()), 'promtool')
  return execFileSync(program, args, { encoding: 'utf8', cwd: join(INFRA, 'prometheus') })
}

/** Our configuration with the product's address in it, asked for every second instead of every 15. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'sp-prometheus-'))
  const ours = readFileSync(join(INFRA, 'prometheus/prometheus.yml'), 'utf8')
  const config = ours.replace('127.0.0.1:7181', target).replaceAll('15s', '1s')
  writeFileSync(join(folder, 'prometheus.yml'), config)
  copyFileSync(join(INFRA, 'prometheus/alerts.yml'), join(folder, 'alerts.yml'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    findPrometheus(),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    )
  await eventually(isReady, (ready) => ready)
  return {
    async ask(path, params = {}) {
      const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(params).toString()}`)
      const body = (await answer.json()) as { status: string; error?: string; data: unknown }
      if (body.status !== 'success') throw new Error(`${path}: ${String(body.error)}`)
      return body.data
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
