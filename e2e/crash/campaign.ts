// A campaign: rounds of one kind after the other, each with a seed of its own, added up.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Violation } from './checker.ts'
import { runFaultRound } from './fault-round.ts'
import { runFlipRound } from './flip-round.ts'
import { runKafkaRound } from './kafka-round.ts'
import { runKillRound } from './kill-round.ts'
import type { Mode } from './options.ts'
import { runPowerRound } from './power-round.ts'
import { createRandom, hash } from './random.ts'
import type { RoundResult } from './round.ts'
import { scratchFolder } from './scratch-folder.ts'

export interface Campaign {
  readonly mode: Mode
  readonly seed: number
  /** Kills, cuts, faults or flips in all. */
  readonly cycles: number
  /** Only this round. */
  readonly round: number | null
  readonly program: string
  /** Cycles that share one product; default by mode. */
  readonly perRound?: number
  /** Ends with the first round that fails. Default false. */
  readonly stopAtFirst?: boolean
  /** Told after each round and, with `result` null, about steps within one. */
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly mode: Mode
  readonly round: number
  readonly rounds: number
  readonly done: number
  readonly result: RoundResult | null
}

export interface CampaignResult {
  readonly mode: Mode
  readonly seed: number
  readonly cycles: number
  readonly seconds: number
  readonly counts: Readonly<Record<string, number>>
  readonly events: { readonly acknowledged: number; readonly unknown: number }
  readonly recoveryMs: { readonly p50: number; readonly p95: number; readonly max: number }
  readonly failures: readonly {
    readonly round: number
    readonly folder: string
    readonly violations: readonly Violation[]
  }[]
}

/** Cycles of one round: enough to share a start, few enough to keep what is compared small. */
const ROUND_CYCLES: Readonly<Record<Mode, number>> = {
  kill: 25,
  power: 10,
  faults: 8,
  flips: 2_000,
  kafka: 25,
}

export async function runCampaign(campaign: Campaign): Promise<CampaignResult> {
  const since = performance.now()
  const per = campaign.perRound ?? ROUND_CYCLES[campaign.mode]
  const rounds = Math.ceil(campaign.cycles / per)
  const results: { round: number; folder: string; result: RoundResult }[] = []
  for (let round = 1; round <= rounds; round += 1) {
    if (campaign.round !== null && campaign.round !== round) continue
    const cycles = Math.min(per, campaign.cycles - (round - 1) * per)
    const folder = join(
      scratchFolder(),
      `sandpiper-crash-${campaign.mode}-${campaign.seed}-${round}-${process.pid}`,
    )
    rmSync(folder, { recursive: true, force: true })
    const report = { mode: campaign.mode, round, rounds }
    const result = await runRound(campaign, { folder, round, cycles }, (done) => {
      campaign.onProgress({ ...report, done, result: null })
    })
    results.push({ round, folder, result })
    campaign.onProgress({ ...report, done: cycles, result })
    if (campaign.stopAtFirst === true && result.violations.length > 0) break
  }
  return {
    ...summary(results),
    mode: campaign.mode,
    seed: campaign.seed,
    cycles: campaign.cycles,
    seconds: (performance.now() - since) / 1_000,
  }
}

function runRound(
  { mode, seed, program }: Campaign,
  { folder, round, cycles }: { folder: string; round: number; cycles: number },
  onDone: (done: number) => void,
): Promise<RoundResult> {
  const random = createRandom(hash(`${mode}:${seed}:${round}`))
  const place = { folder, program }
  switch (mode) {
    case 'kill':
      return runKillRound(place, random, { kills: cycles, paceMs: 150, onKill: onDone })
    case 'power':
      return runPowerRound(place, random, {
        cuts: cycles,
        recordMs: 8_000,
        paceMs: 100,
        onCut: onDone,
      })
    case 'faults':
      return runFaultRound(place, random, { faults: cycles, paceMs: 100, onFault: onDone })
    case 'flips':
      return runFlipRound(place, random, { flips: cycles })
    case 'kafka':
      return runKafkaRound(place, random, { kills: cycles, paceMs: 100, onKill: onDone })
  }
}

function summary(
  rounds: readonly { round: number; folder: string; result: RoundResult }[],
): Pick<CampaignResult, 'counts' | 'events' | 'recoveryMs' | 'failures'> {
  const counts: Record<string, number> = {}
  for (const { result } of rounds) {
    for (const [name, count] of Object.entries(result.counts))
      counts[name] = (counts[name] ?? 0) + count
  }
  const sum = (of: (result: RoundResult) => number): number =>
    rounds.reduce((total, { result }) => total + of(result), 0)
  const recoveries = rounds.flatMap(({ result }) => result.recoveryMs).sort((a, b) => a - b)
  const quantile = (part: number): number =>
    Math.round(recoveries[Math.floor(recoveries.length * part)] ?? recoveries.at(-1) ?? 0)
  return {
    counts,
    events: {
      acknowledged: sum((result) => result.events.acknowledged),
      unknown: sum((result) => result.events.unknown),
    },
    recoveryMs: { p50: quantile(0.5), p95: quantile(0.95), max: quantile(1) },
    failures: rounds
      .filter(({ result }) => result.violations.length > 0)
      .map(({ round, folder, result }) => ({ round, folder, violations: result.violations })),
  }
}
