// What orchestrators ask a process: whether it lives, and whether it may be sent work. And what a scraper asks. Nothing here tells more
// than yes, no and numbers of the whole process; keep the port away from strangers all the same.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** A process as it is seen from outside. */
export interface Health {
  /** Each thing it needs to work, and whether it has it now. Must not take long; a rejection is no. */
  readonly checks: Readonly<Record<string, () => boolean | Promise<boolean>>>
  /** Set once it drains: it is then alive and not ready. */
  readonly isDraining: () => boolean
  /** Text for `/metrics`; default: none. */
  readonly metrics?: () => string | Promise<string>
}

const CHECK_MS_MAX = 2_000

/**
 * Answers `GET /health/live` (200 while the process runs), `/health/ready` (200, or 503 with what is missing) and `/metrics`; hands
 * everything else to `next`, or answers 404.
 */
export function answerHealth(health: Health, next?: RequestListener): RequestListener {
  return (req, res) => {
    const path = (req.url ?? '').split('?', 1)[0]
    if (path === '/health/live') sendJson(res, 200, { status: 'live' })
    else if (path === '/health/ready') void ready(health, res)
    else if (path === '/metrics' && health.metrics !== undefined) void metrics(health.metrics, res)
    else if (next !== undefined) next(req, res)
    else notFound(req, res)
  }
}

async function ready(health: Health, res: ServerResponse): Promise<void> {
  const asked = Object.entries(health.checks).map(async ([name, check]) => {
    return (await passes(check)) ? [] : [name]
  })
  const missing = (await Promise.all(asked)).flat()
  if (health.isDraining()) missing.push('draining')
  if (missing.length === 0) sendJson(res, 200, { status: 'ready' })
  else sendJson(res, 503, { status: 'not ready', missing })
}

async function passes(check: () => boolean | Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      resolve(false)
    }, CHECK_MS_MAX)
  })
  try {
    return await Promise.race([Promise.resolve(check()), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

async function metrics(read: () => string | Promise<string>, res: ServerResponse): Promise<void> {
  try {
    const text = await read()
    res.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
    res.end(text)
  } catch {
    sendJson(res, 500, { error: 'The metrics cannot be read.' })
  }
}

function notFound(req: IncomingMessage, res: ServerResponse): void {
  req.resume()
  sendJson(res, 404, { error: 'Not found.' })
}

function sendJson(res: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  const retry = status === 503 ? { 'Retry-After': '1' } : {}
  res.writeHead(status, { 'Content-Type': 'application/json', ...retry })
  res.end(text)
}
