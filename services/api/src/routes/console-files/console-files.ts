// The console: one page at every path that a browser asks for as a page and that is no path of the API, and the files it is made of.
// Paths of the API answer as ever, whoever asks; see docs/specs/console-api.md.
import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import type { ConsoleFiles } from '../../console/console-files.ts'
import { NONCE_PLACEHOLDER, pageHeaders } from '../../console/page-headers.ts'
import { wholeResponse } from '../../query/whole-response.ts'

/** First segments that the console never has. */
const OF_THE_API = /^\/(?:v\d+|metrics|examples|health[a-z]*)(?:\/|$)/

/** Beside the page: what has a hash in its name never changes. */
const HASHED = /^assets\//

/** Registers them. Must come after every other group: whatever has a route is not the console's. */
export function consoleFileRoutes(app: ApiApp, deps: Pick<ApiDeps, 'consoleFiles'>): void {
  const files = deps.consoleFiles
  if (files === undefined) return
  app.get('*', async (c, next) => {
    const { path } = c.req
    if (OF_THE_API.test(path)) return next()
    const file = await files.file(path.slice(1), c.req.header('Accept-Encoding') ?? '')
    if (file !== null) return fileResponse(path.slice(1), file)
    return wantsPage(c) ? page(files) : next()
  })
}

/**
 * Registers what must come before all others: a person who opens `/tokens` in a browser means the screen. Clients that read tokens
 * there ask for no page.
 */
export function consoleScreenRoutes(app: ApiApp, deps: Pick<ApiDeps, 'consoleFiles'>): void {
  const files = deps.consoleFiles
  if (files === undefined) return
  app.get('/tokens', (c, next) =>
    c.req.header('Sec-Fetch-Dest') === 'document' ? page(files) : next(),
  )
}

function wantsPage(c: Context<ApiEnv>): boolean {
  const accept = c.req.header('Accept') ?? ''
  return ['/', '/index.html'].includes(c.req.path) || accept.includes('text/html')
}

async function page(files: ConsoleFiles): Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  const built = await files.page()
  const text = (built ?? NOT_BUILT).replaceAll(NONCE_PLACEHOLDER, nonce)
  return wholeResponse(new TextEncoder().encode(text), {
    ...pageHeaders(nonce),
    'Content-Type': 'text/html; charset=utf-8',
  })
}

function fileResponse(
  path: string,
  { bytes, contentType, packing }: NonNullable<Awaited<ReturnType<ConsoleFiles['file']>>>,
): Response {
  return wholeResponse(bytes, {
    'Content-Type': contentType,
    'Cache-Control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    Vary: 'Accept-Encoding',
    ...(packing === null ? {} : { 'Content-Encoding': packing }),
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
  })
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sandpiper</title></head>
<body>
<h1>Sandpiper is running</h1>
<p>Its console is not built. Stop the server, run <code>npm run build</code> in the folder of the checkout, and start it again with <code>npm start</code>.</p>
<p>The API answers all the same.</p>
</body>
</html>
`
