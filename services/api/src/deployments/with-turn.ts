import type { EventLog } from '@sandpiper/eventlog'

/**
 * Does work while no batch of the workspace is in flight. Events are acknowledged meanwhile; they wait in the log.
 * @throws fault `server.busy` when the turn does not come in time; else what the work throws.
 */
export async function withTurn<T>(
  deps: { readonly log: EventLog; readonly turnTimeoutMs: number },
  workspaceId: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const turn = await deps.log.turn(workspaceId, AbortSignal.timeout(deps.turnTimeoutMs))
  try {
    return await work(turn.signal)
  } finally {
    await turn.release()
  }
}
