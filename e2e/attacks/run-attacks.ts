// Runs attacks one after another and says of each whether it got through.
import { ATTACKS, type Attack } from './attack-list.ts'
import type { AttackCase } from './suite.ts'
import type { Target } from './target.ts'

/** What came of one number of the list. */
export interface Verdict extends Attack {
  readonly cases: number
  readonly requests: number
  /** The first evidence; null when nothing got through. */
  readonly evidence: string | null
}

/** Longest that one case may take. */
const CASE_TIMEOUT_MS = 180_000

interface Outcome {
  readonly requests: number
  readonly evidence: string | null
}

/**
 * @param only these numbers of the list; null: all. @param tell called with each number's verdict once it is known.
 * @returns verdicts by number; an attack without cases counts as got through, for it was not tried.
 */
export async function runAttacks(asked: {
  readonly cases: readonly AttackCase[]
  readonly target: Target
  readonly only: readonly number[] | null
  readonly tell: (verdict: Verdict) => void
}): Promise<Verdict[]> {
  const { cases, target, only, tell } = asked
  const done = new Map<AttackCase, Outcome>()
  const verdicts: Verdict[] = []
  for (const attack of ATTACKS.filter(({ number }) => only === null || only.includes(number))) {
    const mine = cases.filter(({ numbers }) => numbers.includes(attack.number))
    const outcomes: Outcome[] = []
    for (const each of mine) {
      const outcome = done.get(each) ?? (await tryCase(each, target))
      done.set(each, outcome)
      outcomes.push(outcome)
    }
    const verdict = {
      ...attack,
      cases: mine.length,
      requests: outcomes.reduce((sum, { requests }) => sum + requests, 0),
      evidence: mine.length === 0 ? 'nothing was tried' : firstEvidence(outcomes),
    }
    verdicts.push(verdict)
    tell(verdict)
  }
  return verdicts
}

/** One line: number, name, how much was tried, what came of it. */
export function lineOf({ number, name, cases, requests, evidence, instead }: Verdict): string {
  const tried = `${cases} cases, ${requests} requests`
  const end = evidence === null ? 'ok' : `FAILED: ${evidence}`
  const note = instead === undefined ? '' : ` (${instead})`
  return `${String(number).padStart(2)}  ${name}: ${tried}: ${end}${note}`
}

async function tryCase({ title, run }: AttackCase, target: Target): Promise<Outcome> {
  const before = target.requests()
  try {
    await withinTime(run())
    return { requests: target.requests() - before, evidence: null }
  } catch (err) {
    const text = err instanceof Error ? err.message : String(err)
    const evidence = withoutTokens(`${title}: ${text}`, target).replaceAll(/\s+/g, ' ')
    return { requests: target.requests() - before, evidence }
  }
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no end after ${CASE_TIMEOUT_MS / 1_000} s`))
    }, CASE_TIMEOUT_MS)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function firstEvidence(outcomes: readonly Outcome[]): string | null {
  return outcomes.find(({ evidence }) => evidence !== null)?.evidence ?? null
}

/** Evidence is read in logs of builds. */
function withoutTokens(text: string, { tokens }: Target): string {
  return Object.entries(tokens).reduce(
    (kept, [name, value]) => kept.replaceAll(value, `<token ${name}>`),
    text,
  )
}
