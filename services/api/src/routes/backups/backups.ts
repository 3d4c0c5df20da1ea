// Backups of the whole server, on its own disk: for who rules the server alone, since they hold every workspace.
import type { BackupListBody } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import { isServerAdmin, lacksScope } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import type { Backups } from '../../backups-contract.ts'

/** `GET|POST /v0/backups`, `DELETE /v0/backups/{id}`. Needs ADMIN_USER. */
export function backupRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/backups', async (c) => {
    const backups = await (await open(c, deps)).list()
    return c.json({ backups } satisfies BackupListBody)
  })
  app.post('/v0/backups', async (c) => c.json(await (await open(c, deps)).create(), 201))
  app.delete('/v0/backups/:id', async (c) => {
    const id = c.req.param('id')
    if (await (await open(c, deps)).remove(id)) return c.body(null, 204)
    throw fault('resource.missing', { public: `There is no backup ${id}.` })
  })
}

async function open(c: Context<ApiEnv>, { backups, ...deps }: ApiDeps): Promise<Backups> {
  if (!isServerAdmin(await authorizeRequest(c, deps))) throw lacksScope('ADMIN_USER')
  if (backups !== undefined) return backups
  throw fault('resource.missing', {
    public:
      'This server does not back itself up: its tables, catalog and log are servers of their own. Use their tools (docs/guides/backup.md).',
  })
}
