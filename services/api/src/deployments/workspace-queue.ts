import { fault } from '@sandpiper/faults'

/** Runs work of one workspace after the other. */
export interface WorkspaceQueue {
  /** @throws fault `server.busy` (503) when 16 are waiting already; else what the work throws. */
  run<T>(workspaceId: string, work: () => Promise<T>): Promise<T>
  /** Resolves when nothing is running or waiting. */
  idle(): Promise<void>
}

const WAITING_MAX = 16

/** Makes an empty queue. */
export function createWorkspaceQueue(): WorkspaceQueue {
  const tails = new Map<string, { count: number; last: Promise<void> }>()
  return {
    async run(workspaceId, work) {
      const tail = tails.get(workspaceId) ?? { count: 0, last: Promise.resolve() }
      if (tail.count >= WAITING_MAX) {
        throw fault('server.busy', {
          public: 'Too many deployments of this workspace are waiting. Try again in a second.',
          headers: { 'Retry-After': '1' },
        })
      }
      tail.count++
      tails.set(workspaceId, tail)
      const result = tail.last.then(work)
      tail.last = result.then(
        () => undefined,
        () => undefined,
      )
      try {
        return await result
      } finally {
        tail.count--
        if (tail.count === 0) tails.delete(workspaceId)
      }
    },
    async idle() {
      while (tails.size > 0) await Promise.all([...tails.values()].map((each) => each.last))
    },
  }
}
