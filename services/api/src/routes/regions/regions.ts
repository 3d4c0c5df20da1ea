import type { RegionListBody } from '@sandpiper/contracts'

import type { ApiApp } from '../../app.ts'

/** `/v0/regions`, without a token: this server is the only region it knows. */
export function regionRoutes(app: ApiApp): void {
  app.get('/v0/regions', (c) => {
    const api_host = new URL(c.req.url).origin
    const body: RegionListBody = { regions: [{ name: 'Sandpiper', api_host, provider: 'local' }] }
    return c.json(body)
  })
}
