// One line per workspace: who is at its front holds or asks for the turn, the others wait behind.
import { fault, type Fault } from '@sandpiper/faults'

/** Lines by workspace; a line exists while somebody is in it. */
export interface WaitingLines {
  /**
   * Resolves at the front; the caller then looks whether the signal has aborted in that very moment, and leaves if so.
   * @throws fault `server.busy` (503) when the signal aborts while waiting; the place is given up.
   */
  enter(workspaceId: string, signal: AbortSignal): Promise<void>
  /** Who is at the front makes room for the next. */
  leave(workspaceId: string): void
}

export function createWaitingLines(): WaitingLines {
  const lines = new Map<string, (() => void)[]>()

  return {
    leave(workspaceId) {
      const enterNext = lines.get(workspaceId)?.shift()
      if (enterNext === undefined) lines.delete(workspaceId)
      else enterNext()
    },
    async enter(workspaceId, signal) {
      if (signal.aborted) throw gaveUp()
      const line = lines.get(workspaceId)
      if (line === undefined) lines.set(workspaceId, [])
      else await reachFront(line, signal)
    },
  }
}

/** The refusal of a turn that was not waited for. */
export function gaveUp(): Fault {
  return fault('server.busy', {
    public: 'The server is busy with this workspace. Try again.',
    headers: { 'Retry-After': '1' },
  })
}

function reachFront(line: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = (): void => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = (): void => {
      line.splice(line.indexOf(enter), 1)
      reject(gaveUp())
    }
    line.push(enter)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
