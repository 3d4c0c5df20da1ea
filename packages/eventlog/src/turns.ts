// Turns, as the asking side keeps them: one holder per workspace, the others wait in line. A turn is asked of the writer, asked again
// when another writer connects, and lost when the writer that granted it goes away.
import { fault, type Fault } from '@sandpiper/faults'
import type { Turn } from './event-log.ts'
import type { ToWriter } from './link-messages.ts'

/** The line of those who want a turn. */
export interface Turns {
  take(workspaceId: string, signal: AbortSignal): Promise<Turn>
  granted(id: number): void
  /** A writer is there: asks it for every turn that waits. @param send to this writer. */
  connected(send: (message: ToWriter) => void): void
  /** The writer is gone: turns it granted are lost. */
  disconnected(): void
}

/** The first of a workspace's line: asked of the writer, and held once granted. */
interface Ask {
  readonly id: number
  readonly workspaceId: string
  grant(): void
  readonly lost: AbortController
  isGranted: boolean
}

export function createTurns(): Turns {
  let send: ((message: ToWriter) => void) | null = null
  let lastId = 0
  const asks = new Map<number, Ask>()
  const lines = new Map<string, (() => void)[]>()

  /** Waits until nobody holds or asks for the workspace's turn. */
  async function reachFront(workspaceId: string, signal: AbortSignal): Promise<void> {
    const line = lines.get(workspaceId)
    if (line === undefined) {
      lines.set(workspaceId, [])
      return
    }
    await new Promise<void>((resolve, reject) => {
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

  function leaveFront(workspaceId: string): void {
    const enterNext = lines.get(workspaceId)?.shift()
    if (enterNext === undefined) lines.delete(workspaceId)
    else enterNext()
  }

  /** Ends an ask in any state; the next in line may go on. */
  function end(ask: Ask): void {
    if (!asks.delete(ask.id)) return
    send?.({ kind: 'release', id: ask.id, workspaceId: ask.workspaceId })
    leaveFront(ask.workspaceId)
  }

  function granted(ask: Ask, signal: AbortSignal): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        end(ask)
        reject(gaveUp())
      }
      ask.grant = () => {
        signal.removeEventListener('abort', onAbort)
        ask.isGranted = true
        resolve({
          signal: ask.lost.signal,
          release: () => {
            end(ask)
            return Promise.resolve()
          },
        })
      }
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  return {
    async take(workspaceId, signal) {
      if (signal.aborted) throw gaveUp()
      await reachFront(workspaceId, signal)
      if (hasAborted(signal)) {
        leaveFront(workspaceId)
        throw gaveUp()
      }
      lastId += 1
      const ask: Ask = {
        id: lastId,
        workspaceId,
        grant: () => undefined,
        lost: new AbortController(),
        isGranted: false,
      }
      asks.set(ask.id, ask)
      const turn = granted(ask, signal)
      send?.({ kind: 'turn', id: ask.id, workspaceId })
      return turn
    },
    granted(id) {
      const ask = asks.get(id)
      if (ask?.isGranted === false) ask.grant()
    },
    connected(sendToWriter) {
      send = sendToWriter
      for (const { id, workspaceId } of asks.values()) send({ kind: 'turn', id, workspaceId })
    },
    disconnected() {
      send = null
      for (const ask of [...asks.values()].filter(({ isGranted }) => isGranted)) {
        end(ask)
        ask.lost.abort(gaveUp())
      }
    },
  }
}

/** Asked anew after a wait; the compiler would remember the first answer. */
function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

function gaveUp(): Fault {
  return fault('server.busy', {
    public: 'The server is busy with this workspace. Try again.',
    headers: { 'Retry-After': '1' },
  })
}
