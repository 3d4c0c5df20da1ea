import { isServerAdmin } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'

/** `/v0/auth`: whether a token is one; 403 when it is not. Any token may ask about itself, and hears nothing else. */
export function authRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/auth', async (c) => {
    const principal = await authorizeReader(c, deps)
    return c.json({ is_valid: true, is_user: isServerAdmin(principal) })
  })
}
