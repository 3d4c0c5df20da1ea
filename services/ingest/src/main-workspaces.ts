// Whose share a request takes: branches count with their main workspace, else whoever makes branches would have as many shares.
import type { Catalog } from '@sandpiper/catalog'

export interface MainWorkspaces {
  /** When it is known without asking. */
  now(workspaceId: string): string | undefined
  /** Of a branch the workspace it was made of, else itself. While the catalog is away too: an event is worth more than a count. */
  of(workspaceId: string): Promise<string>
}

/** Workspaces and branches that are remembered; whose branch one is never changes. */
const REMEMBERED_MAX = 10_000

export function createMainWorkspaces(catalog: Pick<Catalog, 'findWorkspace'>): MainWorkspaces {
  const mains = new Map<string, string>()
  return {
    now: (id) => mains.get(id),
    async of(id) {
      try {
        const main = (await catalog.findWorkspace(id))?.mainId ?? id
        if (mains.size >= REMEMBERED_MAX) mains.clear()
        mains.set(id, main)
        return main
      } catch {
        return id
      }
    },
  }
}
