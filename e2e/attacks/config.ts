// Which server the attacks go to: one of their own, or the one named here.
import { z } from 'zod'

const schema = z.object({
  /** A running server, e.g. `http://127.0.0.1:7181`. Without it the suite starts one on a temporary directory. */
  SANDPIPER_URL: z.url().optional(),
  /** A token of that server with ADMIN_USER: the suite makes and removes workspaces of its own, and touches no other. */
  SANDPIPER_ADMIN_TOKEN: z.string().min(1).optional(),
})

/** The server to attack; null to start one. */
export type AttackConfig = { readonly url: string; readonly adminToken: string } | null

/** @throws Error when only one of the two variables is set. */
export function readAttackConfig(env: NodeJS.ProcessEnv = process.env): AttackConfig {
  const { SANDPIPER_URL: url, SANDPIPER_ADMIN_TOKEN: adminToken } = schema.parse(env)
  if (url === undefined && adminToken === undefined) return null
  if (url === undefined || adminToken === undefined)
    throw new Error('Set both SANDPIPER_URL and SANDPIPER_ADMIN_TOKEN, or neither.')
  return { url, adminToken }
}
