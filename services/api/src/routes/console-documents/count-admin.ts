import type { Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiEnv, RouteDeps } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'

/** As authorizeAdmin, and counts the request against what its token and its workspace may. @throws fault `limit.rate` (429), too. */
export async function countAdmin(
  c: Context<ApiEnv>,
  deps: Pick<RouteDeps, 'catalog' | 'limits'>,
): Promise<Principal> {
  const principal = await authorizeAdmin(c, deps)
  await deps.limits.countCaller(c, principal)
  await deps.limits.countWorkspace(c, principal)
  return principal
}
