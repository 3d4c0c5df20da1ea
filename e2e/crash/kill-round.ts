// One round of kills: load without a pause while processes die one after the other, then everything is compared.
import { setTimeout as pause } from 'node:timers/promises'
import type { Violation } from './checker.ts'
import { kill, killNow, planKill, type KillPlan, type Victim } from './kills.ts'
import { startLoad, type Load } from './producers.ts'
import type { Random } from './random.ts'
import { recovered } from './recovery.ts'
import {
  beginRound,
  closeRound,
  judge,
  RECOVERY_LIMIT_MS,
  stuck,
  type Round,
  type RoundPlace,
  type RoundResult,
} from './round.ts'

export interface KillRoundOptions {
  readonly kills: number
  /** Milliseconds between two requests of a producer, at most. */
  readonly paceMs: number
  readonly importShare?: number
  /** Told about each kill. */
  readonly onKill?: (done: number) => void
}

export async function runKillRound(
  place: RoundPlace,
  random: Random,
  options: KillRoundOptions,
): Promise<RoundResult> {
  const counts: Record<string, number> = {}
  const recoveryMs: number[] = []
  const plans: KillPlan[] = []
  let round: Round | null = null
  let load: Load | null = null
  let violations: Violation[]
  try {
    round = await beginRound(place)
    load = startLoad(round.instance, round.ledger, random.fork('load'), {
      paceMs: options.paceMs,
      ...(options.importShare !== undefined && { importShare: options.importShare }),
    })
    for (let done = 0; done < options.kills;) {
      const plan = planKill(random)
      plans.push(plan)
      const struck = await strike(round, plan)
      for (const name of struck) counts[name] = (counts[name] ?? 0) + 1
      done += struck.length
      recoveryMs.push(await recovered(load, RECOVERY_LIMIT_MS))
      options.onKill?.(done)
      await pause(random.below(400))
    }
    await load.stop()
    violations = await judge(round, load)
    await round.instance.stop()
  } catch (err) {
    violations = [stuck(err)]
    await load?.stop()
    await round?.instance.end()
  }
  closeRound(place, round, violations, plans)
  const events = {
    acknowledged: round?.ledger.events('acknowledged') ?? 0,
    unknown: round?.ledger.events('unknown') ?? 0,
  }
  return { violations, events, counts, recoveryMs }
}

/** One kill and its storm. Resolves when the main process runs again. @returns what died, one name per kill. */
export async function strike(
  { instance }: Pick<Round, 'instance'>,
  plan: KillPlan,
): Promise<string[]> {
  const killed = await kill(instance, plan)
  const names = [killed.at === null ? plan.victim : `${plan.victim} at ${killed.at}`]
  let restarting = killed.mainDied ? restart(instance) : null
  for (const { victim, afterMs } of plan.storm) {
    await pause(afterMs)
    // While it is being started, only what its start has started already can be killed again.
    const isMain = (each: Victim): boolean => each === 'main' || each === 'tree'
    if (restarting !== null && isMain(victim)) {
      await restarting
      restarting = null
    }
    killNow(instance, victim)
    names.push(`${victim} (storm)`)
    if (isMain(victim)) restarting = restart(instance)
  }
  await restarting
  return names
}

async function restart(instance: Round['instance']): Promise<void> {
  await instance.gone()
  await instance.restart()
}
