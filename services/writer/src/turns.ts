// Who may touch the tables of a workspace: the writer's batches, or someone who holds a turn (DDL, truncate, backfill).

export interface Turns {
  /** Starts a batch; false while a turn is held or asked for. Every true is answered by one `end`. */
  begin(workspaceId: string): boolean
  end(workspaceId: string): void
  /** Holds new batches back; resolves when none is in flight. */
  hold(workspaceId: string): Promise<void>
  release(workspaceId: string): void
  isHeld(workspaceId: string): boolean
  /** Resolves when no batch of any workspace is in flight. */
  idle(): Promise<void>
}

export function createTurns(): Turns {
  const inFlight = new Map<string, number>()
  const held = new Set<string>()
  let watchers: { isDone: () => boolean; resolve: () => void }[] = []

  function when(isDone: () => boolean): Promise<void> {
    if (isDone()) return Promise.resolve()
    return new Promise((resolve) => watchers.push({ isDone, resolve }))
  }

  return {
    begin(workspaceId) {
      if (held.has(workspaceId)) return false
      inFlight.set(workspaceId, (inFlight.get(workspaceId) ?? 0) + 1)
      return true
    },
    end(workspaceId) {
      const left = (inFlight.get(workspaceId) ?? 0) - 1
      if (left > 0) inFlight.set(workspaceId, left)
      else inFlight.delete(workspaceId)
      const done = watchers.filter((watcher) => watcher.isDone())
      watchers = watchers.filter((watcher) => !done.includes(watcher))
      for (const watcher of done) watcher.resolve()
    },
    hold(workspaceId) {
      held.add(workspaceId)
      return when(() => !inFlight.has(workspaceId))
    },
    release(workspaceId) {
      held.delete(workspaceId)
    },
    isHeld: (workspaceId) => held.has(workspaceId),
    idle: () => when(() => inFlight.size === 0),
  }
}
