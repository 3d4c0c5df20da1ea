// Turns, as the asking side keeps them: one holder per workspace, the others wait in line. A turn is asked of the writer, and asked again
// when another writer connects. A turn is lost when the writer that granted it goes away; its workspace still stays closed to the next
// writer until the holder lets go, because it may be in the middle of taking back what it did.
import type { Turn } from './event-log.ts'
import type { ToWriter } from './link-messages.ts'
import { createWaitingLines, gaveUp } from './waiting-lines.ts'

/** Who is at the front of a workspace's line: asked of the writer, and held once granted. */
interface Ask {
  readonly id: number
  readonly workspaceId: string
  readonly lost: AbortController
  grant(): void
  isGranted: boolean
}

/** The turns that are held and asked for. */
export class Turns {
  private readonly lines = createWaitingLines()
  private readonly asks = new Map<number, Ask>()
  private send: ((message: ToWriter) => void) | null = null
  private lastId = 0

  /** @throws fault `server.busy` (503) when the signal aborts before the turn is given. */
  async take(workspaceId: string, signal: AbortSignal): Promise<Turn> {
    await this.lines.enter(workspaceId, signal)
    if (signal.aborted) {
      this.lines.leave(workspaceId)
      throw gaveUp()
    }
    this.lastId += 1
    const ask: Ask = {
      id: this.lastId,
      workspaceId,
      lost: new AbortController(),
      grant: () => undefined,
      isGranted: false,
    }
    this.asks.set(ask.id, ask)
    const turn = this.whenGranted(ask, signal)
    this.send?.({ kind: 'turn', id: ask.id, workspaceId })
    return turn
  }

  /** The writer gave the turn; answers to asks that were given up are passed over. */
  granted(id: number): void {
    const ask = this.asks.get(id)
    if (ask?.isGranted === false) ask.grant()
  }

  /** A writer is there: asks it for every turn that waits. @param send to this writer. */
  connected(send: (message: ToWriter) => void): void {
    this.send = send
    for (const { id, workspaceId } of this.asks.values()) send({ kind: 'turn', id, workspaceId })
  }

  /** The writer is gone: turns it granted are lost. */
  disconnected(): void {
    this.send = null
    for (const ask of this.asks.values()) if (ask.isGranted) ask.lost.abort(gaveUp())
  }

  private whenGranted(ask: Ask, signal: AbortSignal): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.end(ask)
        reject(gaveUp())
      }
      ask.grant = () => {
        signal.removeEventListener('abort', onAbort)
        ask.isGranted = true
        const release = (): Promise<void> => {
          this.end(ask)
          return Promise.resolve()
        }
        resolve({ signal: ask.lost.signal, release })
      }
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Ends an ask in any state; the next in line may go on. */
  private end(ask: Ask): void {
    if (!this.asks.delete(ask.id)) return
    this.send?.({ kind: 'release', id: ask.id, workspaceId: ask.workspaceId })
    this.lines.leave(ask.workspaceId)
  }
}
