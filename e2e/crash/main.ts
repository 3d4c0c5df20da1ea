// `pnpm crash`: see options.ts for what it takes and docs/reliability.md for what it means.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runCampaign, type CampaignResult, type Progress } from './campaign.ts'
import { ensurePackages } from './fault-file-system.ts'
import { freezeBundle } from './frozen-bundle.ts'
import { readOptions, USAGE, type CrashOptions, type Mode } from './options.ts'
import { prove } from './prove.ts'

// Mounts, bundles and products are let go of at the exit, also when somebody has seen enough.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    tell(`ended by ${signal}`)
    process.exit(1)
  })
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) process.stdout.write(USAGE)
  else process.exitCode = await run(options)
} catch (err) {
  process.stderr.write(`crash: ${err instanceof Error ? err.message : String(err)}\n`)
  process.exitCode = 1
}

async function run(options: CrashOptions): Promise<number> {
  ensurePackages()
  if (options.product === null) {
    const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))
    execFileSync(process.execPath, [build], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  if (options.isProof) return prove({ seed: options.seed, root: options.product, tell })
  const bundle = freezeBundle([], options.product ?? undefined)
  const results: CampaignResult[] = []
  tell(`seed ${options.seed}`)
  for (const mode of options.modes) {
    const cycles = cyclesOf(options, mode)
    results.push(
      await runCampaign({
        ...{ mode, cycles, seed: options.seed, round: options.round, program: bundle.main },
        onProgress: (progress) => tell(lineOf(progress)),
      }),
    )
  }
  const failed = results.flatMap(({ failures }) => failures).length
  if (options.isJson)
    process.stdout.write(`${JSON.stringify({ seed: options.seed, failed, results })}\n`)
  else for (const result of results) process.stdout.write(textOf(result))
  return failed === 0 ? 0 : 1
}

function cyclesOf({ cycles, modes }: CrashOptions, mode: Mode): number {
  if (modes.length === 1) return cycles
  return {
    kill: cycles,
    power: Math.ceil(cycles / 5),
    faults: Math.ceil(cycles / 25),
    flips: cycles * 10,
    kafka: Math.ceil(cycles / 5),
  }[mode]
}

/** Progress goes to standard error, results to standard output. */
function tell(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
}

function lineOf({ mode, round, rounds, done, result }: Progress): string {
  const at = `${mode} ${round}/${rounds}`
  if (result === null) return `${at}: ${done}`
  const { violations, events } = result
  const [first] = violations
  const verdict =
    first === undefined
      ? 'nothing lost, nothing doubled'
      : `VIOLATED: ${first.kind} in ${first.where}: ${first.first}`
  return `${at}: ${done} done, ${events.acknowledged} events acknowledged, ${verdict}`
}

function textOf({
  mode,
  seed,
  seconds,
  counts,
  events,
  recoveryMs,
  failures,
}: CampaignResult): string {
  const lines = [
    `${mode}: seed ${seed}, ${Math.round(seconds)} s, ${events.acknowledged} events acknowledged, ${events.unknown} without an answer`,
    ...Object.entries(counts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`),
    `  recovery ms: p50 ${recoveryMs.p50}, p95 ${recoveryMs.p95}, max ${recoveryMs.max}`,
  ]
  for (const { round, folder, violations } of failures) {
    lines.push(
      `  round ${round} VIOLATED, evidence in ${folder}; again: --mode ${mode} --seed ${seed} --round ${round}`,
    )
    for (const each of violations)
      lines.push(`    ${each.kind} in ${each.where}, ${each.count}: ${each.first}`)
  }
  if (failures.length === 0) lines.push('  nothing lost, nothing doubled')
  return `${lines.join('\n')}\n`
}
