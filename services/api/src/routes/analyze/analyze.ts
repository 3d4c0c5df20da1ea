// POST /v0/analyze: what a file looks like, without keeping it.
import { randomUUID } from 'node:crypto'

import { fault } from '@sandpiper/faults'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { refuseCreation } from '../data-sources/import-rights.ts'
import { readImportRequest } from '../data-sources/read-import-request.ts'

/** Adds the route. Needs DATASOURCES:CREATE. */
export function analyzeRoutes(app: ApiApp, deps: ApiDeps): void {
  app.post('/v0/analyze', async (c) => {
    const principal = await authorizeRequest(c, deps)
    refuseCreation(principal)
    const of = { workspaceId: principal.workspaceId, jobId: randomUUID() }
    try {
      const { params, hasFile, format, dialect } = await readImportRequest(c, (stream) =>
        deps.imports.receive(of, stream),
      )
      const url = params.get('url')
      if (!hasFile && url === null)
        throw fault('request.invalid', { public: 'Send a file, or give a url.' })
      if (!hasFile && url !== null) await deps.imports.fetch(of, url, c.req.raw.signal)
      const typeGuessing = params.get('type_guessing')?.toLowerCase() !== 'false'
      return c.json((await deps.imports.analyze(of, { format, dialect, typeGuessing })).body)
    } finally {
      await deps.imports.remove(of)
    }
  })
}
