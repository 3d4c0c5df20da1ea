// What does not work now, by partition: told when it begins, when it changes and when it ends, and not with every attempt.
import { Fault } from '@sandpiper/faults'
import { KafkaProblem } from '@sandpiper/kafka'

export interface Troubles {
  /** @param partition -1 for the reader as a whole. */
  add(partition: number, problem: unknown): void
  clear(partition: number): void
  /** One of them; null when everything works. */
  now(): string | null
}

/** @param tell told what began, null when it is over. */
export function createTroubles(
  tell: (problem: string | null, partition: number) => void,
): Troubles {
  const known = new Map<number, string>()
  return {
    add(partition, problem) {
      const message = messageOf(problem)
      if (known.get(partition) === message) return
      known.set(partition, message)
      tell(message, partition)
    },
    clear(partition) {
      if (known.delete(partition)) tell(null, partition)
    },
    now: () => known.values().next().value ?? null,
  }
}

/** Only what was written for people: anything else may hold what it must not. */
function messageOf(problem: unknown): string {
  if (problem instanceof KafkaProblem || problem instanceof Fault) return problem.message
  return 'Something unexpected went wrong; it is tried again. The log of the server says more.'
}
