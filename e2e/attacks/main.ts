// `pnpm attack`: see options.ts for what it takes and docs/security.md for what it means.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startSandpiper } from '@sandpiper/testkit'
import { MUTATIONS } from './mutations.ts'
import { readOptions, USAGE, type AttackOptions } from './options.ts'
import { attackMutant, attackServer } from './prove.ts'
import { lineOf, type Verdict } from './run-attacks.ts'

// What was made on the server, or started, is let go of at the exit.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.stderr.write(`ended by ${signal}; workspaces called attacked_* and stranger_* stay\n`)
    process.exit(1)
  })
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) process.stdout.write(USAGE)
  else process.exitCode = options.isProof ? await prove() : await attack(options)
} catch (err) {
  process.stderr.write(`attack: ${err instanceof Error ? err.message : String(err)}\n`)
  process.exitCode = 1
}

async function attack({ server, only, isJson }: AttackOptions): Promise<number> {
  const tell = (verdict: Verdict): void => {
    ;(isJson ? process.stderr : process.stdout).write(`${lineOf(verdict)}\n`)
  }
  const verdicts = server === null ? await own(only, tell) : await attackServer(server, only, tell)
  const failed = verdicts.filter(({ evidence }) => evidence !== null).length
  if (isJson) process.stdout.write(`${JSON.stringify({ failed, verdicts })}\n`)
  else process.stdout.write(`${failed} of ${verdicts.length} attacks got through\n`)
  return failed === 0 ? 0 : 1
}

async function own(
  only: AttackOptions['only'],
  tell: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const started = await startSandpiper()
  try {
    const server = { url: started.url, adminToken: started.tokens.admin_token }
    return await attackServer(server, only, tell)
  } finally {
    await started.stop()
  }
}

async function prove(): Promise<number> {
  build()
  let failed = 0
  for (const mutation of MUTATIONS) {
    const broken = { mutation, verdicts: await attackMutant(mutation) }
    const evidence = broken.verdicts.find((each) => each.evidence !== null)?.evidence ?? null
    const healthy = await attackMutant({ ...mutation, patches: [] })
    const false_ = healthy.find((each) => each.evidence !== null)?.evidence ?? null
    if (evidence === null || false_ !== null) failed += 1
    process.stdout.write(
      `${evidence === null ? 'NOT FOUND OUT' : 'found out'}: ${mutation.name}${evidence === null ? '' : `: ${evidence}`}\n` +
        `  with it: ${false_ === null ? 'ok' : `FAILED: ${false_}`}\n`,
    )
  }
  return failed === 0 ? 0 : 1
}

function build(): void {
  const script = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))
  execFileSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] })
}
