// The product as its users start it: scripts/start.mjs on a data directory and a free port.
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { freePort } from '@sandpiper/testkit'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FIRST_QUERY_WITHIN_MS = 180_000

export interface StartedProduct {
  readonly url: string
  readonly token: string
  readonly pid: number
  /** From the start of the process to the answer of the first query. */
  readonly firstQueryMs: number
  stop(): Promise<void>
}

export async function startProduct(dataDir: string): Promise<StartedProduct> {
  const port = await freePort()
  const started = performance.now()
  const child = spawn(process.execPath, ['--max-semi-space-size=64', 'scripts/start.mjs'], {
    cwd: ROOT,
    env: { ...process.env, SANDPIPER_PORT: String(port), SANDPIPER_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  const token = await firstAnswer(url, child)
  return {
    url,
    token,
    pid: child.pid ?? 0,
    firstQueryMs: performance.now() - started,
    stop: () => stopped(child),
  }
}

/** Asks until a query is answered; gives the token it was asked with. */
async function firstAnswer(url: string, child: ChildProcess): Promise<string> {
  const until = performance.now() + FIRST_QUERY_WITHIN_MS
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the product ended with ${child.exitCode}`)
    const token = await tryQuery(url)
    if (token !== null) return token
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('no query was answered')
}

async function tryQuery(url: string): Promise<string | null> {
  try {
    const tokens = await fetch(`${url}/tokens`)
    if (!tokens.ok) return null
    const { workspace_admin_token: token } = (await tokens.json()) as Record<string, string>
    const answer = await fetch(`${url}/v0/sql?q=SELECT+1&token=${token ?? ''}`)
    await answer.text()
    return answer.ok && token !== undefined ? token : null
  } catch {
    return null
  }
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode === null) {
      child.on('close', () => resolve())
      child.kill('SIGTERM')
    } else resolve()
  })
}
