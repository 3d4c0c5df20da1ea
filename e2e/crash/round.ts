// What all campaigns share: a product with the project deployed and load on it, and the judgement at the end.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCaller, deployProject } from '../support/http.ts'
import { check, type Violation } from './checker.ts'
import { collect } from './collect.ts'
import { startInstance, type Instance } from './instance.ts'
import { createLedger, type Ledger } from './ledger.ts'
import type { Load } from './producers.ts'
import { PROJECT } from './project.ts'
import { drained } from './recovery.ts'

export const RECOVERY_LIMIT_MS = 60_000

/** Where a round works; kept when it failed. */
export interface RoundPlace {
  readonly folder: string
  readonly program: string
}

export interface Round {
  readonly instance: Instance
  readonly ledger: Ledger
}

/** What a round did, for the report. */
export interface RoundResult {
  readonly violations: readonly Violation[]
  readonly events: { readonly acknowledged: number; readonly unknown: number }
  /** Counts by name, e.g. of kills by victim. */
  readonly counts: Readonly<Record<string, number>>
  readonly recoveryMs: readonly number[]
}

/** Starts a product on a data directory of its own and deploys the project. */
export async function beginRound(
  place: RoundPlace,
  dataDir = join(place.folder, 'data'),
): Promise<Round> {
  mkdirSync(place.folder, { recursive: true })
  const instance = await startInstance({ dataDir, program: place.program })
  await deploy(instance)
  return { instance, ledger: createLedger() }
}

export async function deploy(instance: Instance): Promise<void> {
  const admin = createCaller(instance.url(), instance.token())
  await deployProject(admin, PROJECT)
}

/** Lets everything be loaded, then judges. The load must have been stopped. */
export async function judge(round: Round, load: Load): Promise<Violation[]> {
  await drained(round.instance, load, RECOVERY_LIMIT_MS)
  const { sources, views } = await collect(
    round.instance.url(),
    round.instance.token(),
    round.ledger,
  )
  return check(sources, views)
}

/** Evidence of a failed round: what was found, what was said and the data as they were. Nothing is kept of a good one. */
export function closeRound(
  place: RoundPlace,
  round: Pick<Round, 'instance'> | null,
  violations: readonly Violation[],
  plan: unknown,
): void {
  if (violations.length === 0) {
    rmSync(place.folder, { recursive: true, force: true })
    return
  }
  mkdirSync(place.folder, { recursive: true })
  writeFileSync(
    join(place.folder, 'violations.json'),
    JSON.stringify({ violations, plan }, null, 2),
  )
  if (round !== null) writeFileSync(join(place.folder, 'server.log'), round.instance.log())
}

/** What went wrong outside the data: a start that failed, a recovery that never came. */
export function stuck(err: unknown): Violation {
  const message = err instanceof Error ? err.message : String(err)
  return { kind: 'stuck', where: 'product', count: 1, first: message.slice(0, 2_000) }
}
