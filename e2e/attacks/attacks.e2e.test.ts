// The attack list over HTTP, against one running server: one of the suite's own, or the one that config.ts names.
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, test } from 'vitest'
import { allAttacks } from './all-attacks.ts'
import { atRestAttacks } from './at-rest.ts'
import { readAttackConfig } from './config.ts'
import { openTarget, type Target } from './target.ts'

let started: RunningSandpiper | null = null
let opened: Target

beforeAll(async () => {
  const config = readAttackConfig()
  started = config === null ? await startSandpiper() : null
  const own = { url: started?.url ?? '', adminToken: started?.tokens.admin_token ?? '' }
  opened = await openTarget(config ?? own)
})
afterAll(async () => {
  await opened.close()
  await started?.stop()
})

for (const { title, run } of allAttacks(() => opened)) test(title, run)

atRestAttacks(() => ({ target: opened, started }))
