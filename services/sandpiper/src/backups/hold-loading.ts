// A moment in which tables, catalog and log agree: no batch of any workspace is in flight, no table is being changed.
import type { Catalog } from '@sandpiper/catalog'
import { SYSTEM_WORKSPACE_ID } from '@sandpiper/deployment'
import type { EventLog, Turn } from '@sandpiper/eventlog'
import { fault } from '@sandpiper/faults'

/** Milliseconds that all turns together may take to come: populations of large tables hold theirs for long. */
const WAIT_MS = 60_000
/** Workspaces may be made while turns are waited for. */
const ROUNDS_MAX = 5

/**
 * Does work while every workspace's turn is held; what it did counts only when `checkHeld`, asked at its end, does not throw.
 * @throws fault `server.busy` when the turns do not come in time, or one was lost.
 */
export async function holdLoading<Result>(
  deps: {
    readonly log: EventLog
    readonly catalog: Pick<Catalog, 'listWorkspaces' | 'listBranches'>
  },
  work: (workspaces: number, checkHeld: () => void) => Promise<Result>,
): Promise<Result> {
  const held = new Map<string, Turn>()
  try {
    await takeAll(deps, held)
    return await work(held.size, () => {
      if ([...held.values()].some(({ signal }) => signal.aborted))
        throw busy('The writer was started anew meanwhile.')
    })
  } finally {
    await Promise.all([...held.values()].map((turn) => turn.release()))
  }
}

async function takeAll(
  { log, catalog }: Parameters<typeof holdLoading>[0],
  held: Map<string, Turn>,
): Promise<void> {
  const inTime = AbortSignal.timeout(WAIT_MS)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const missing = (await allWorkspaces(catalog)).filter((id) => !held.has(id))
    if (missing.length === 0) return
    for (const id of missing) {
      const turn = await log.turn(id, inTime).catch((cause: unknown) => {
        throw busy('Deployments, populations or loads hold their tables for longer.', cause)
      })
      held.set(id, turn)
    }
  }
  throw busy('Workspaces are being made faster than they can be held.')
}

/** Every workspace whose tables a writer may load: mains, their branches and the system's own. */
export async function allWorkspaces(
  catalog: Pick<Catalog, 'listWorkspaces' | 'listBranches'>,
): Promise<string[]> {
  const mains = (await catalog.listWorkspaces()).map(({ id }) => id)
  const branches = await Promise.all(mains.map((id) => catalog.listBranches(id)))
  return [...new Set([SYSTEM_WORKSPACE_ID, ...mains, ...branches.flat().map(({ id }) => id)])]
}

function busy(why: string, cause?: unknown) {
  return fault('server.busy', {
    public: `There is no backup: a moment without loading did not come. ${why} Try again.`,
    cause,
    headers: { 'Retry-After': '30' },
  })
}
