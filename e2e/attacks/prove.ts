// Proves that the attacks can get through: each safeguard is taken out of a copy of the built product, and the attacks must find out.
// What is not found out would not be found out either if somebody broke it by mistake.
import { startSandpiper } from '@sandpiper/testkit'
import { freezeBundle } from '../crash/frozen-bundle.ts'
import { allAttacks } from './all-attacks.ts'
import type { Mutation } from './mutations.ts'
import { runAttacks, type Verdict } from './run-attacks.ts'
import { openTarget, type Target } from './target.ts'

/** What the attacks that should find it out say of the product without this safeguard. @throws Error when a patch finds not just one place. */
export async function attackMutant({ patches, foundBy }: Mutation): Promise<Verdict[]> {
  const bundle = freezeBundle(patches)
  try {
    const started = await startSandpiper({ program: bundle.main })
    try {
      return await attackServer(
        { url: started.url, adminToken: started.tokens.admin_token },
        foundBy,
      )
    } finally {
      await started.stop()
    }
  } finally {
    bundle.remove()
  }
}

/** Runs these attacks (null: all) against a server, in workspaces made for them. */
export async function attackServer(
  server: Parameters<typeof openTarget>[0],
  only: readonly number[] | null,
  tell: (verdict: Verdict) => void = () => undefined,
): Promise<Verdict[]> {
  const target: Target = await openTarget(server)
  try {
    return await runAttacks({ cases: allAttacks(() => target), target, only, tell })
  } finally {
    await target.close()
  }
}
