// Those who wait for a place of one workspace.
import type { Leaving } from './deadline.ts'
import type { QueryWork, Weight } from './query-pace.ts'

/**
 * Gives a place back; the first call counts.
 * @param how `answered`: the engine has done its work. `sending`: so it has, but the answer is on its way and the place is still needed; call
 *   again when it is not. Nothing: it failed, or its caller left.
 */
export type GiveBack = (how?: 'answered' | 'sending') => void

export const WEIGHTS = ['light', 'new', 'heavy'] as const

export interface Waiter {
  readonly key: string
  readonly work: QueryWork | null
  /** The order of coming, of all. */
  readonly number: number
  readonly turn: () => void
}

interface Waiting {
  readonly signal: Leaving
  /** null: as long as it takes. */
  readonly waitMs: number | null
  /** Told first, however it ends. */
  readonly left: () => void
  readonly turn: () => GiveBack
  readonly end: () => Error
}

/** First come, first served among those of one weight: a small query passes by a heavy one of its workspace. */
export interface Lines extends Readonly<Record<Weight, Set<Waiter>>> {
  /** Waits for a turn; ends without one when the time has passed or the caller left. */
  wait(who: Omit<Waiter, 'turn'>, weight: Weight, waiting: Waiting): Promise<GiveBack>
  /** Whose kind has turned out to be another meanwhile goes to the line of that: at least the first of each is where it belongs then. */
  sort(weightOf: (waiter: Waiter) => Weight): void
}

export function createLines(): Lines {
  const lines = { light: new Set<Waiter>(), new: new Set<Waiter>(), heavy: new Set<Waiter>() }
  return {
    ...lines,
    wait: (who, weight, { signal, waitMs, left, turn, end }) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          for (const each of WEIGHTS) lines[each].delete(waiter)
          clearTimeout(timer)
          signal.removeEventListener('abort', onEnd)
          left()
        }
        const onEnd = (): void => {
          leave()
          reject(end())
        }
        const onTurn = (): void => {
          leave()
          resolve(turn())
        }
        const waiter: Waiter = { ...who, turn: onTurn }
        const timer = waitMs === null ? undefined : setTimeout(onEnd, waitMs)
        signal.addEventListener('abort', onEnd, { once: true })
        lines[weight].add(waiter)
      }),
    sort(weightOf) {
      for (const weight of WEIGHTS) {
        for (const waiter of lines[weight]) {
          const now = weightOf(waiter)
          if (now === weight) break
          lines[weight].delete(waiter)
          lines[now].add(waiter)
        }
      }
    },
  }
}

export function waitingIn(lines: Lines): number {
  return lines.light.size + lines.new.size + lines.heavy.size
}
