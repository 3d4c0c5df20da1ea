// Which queries are open and what is typed in them but not saved: of this browser tab, per place. What is shown stands in the address.
import type { SavedQuery } from '@sandpiper/contracts'

/** Without an id is the one that was never saved. */
export interface OpenTab {
  id: string
  name: string
  /** Typed and not saved; null: as it was saved. */
  unsaved: SavedQuery | null
}

export const NEW_TAB: OpenTab = { id: '', name: 'New query', unsaved: null }

const TABS_MAX = 30

export function withTab(tabs: readonly OpenTab[], tab: OpenTab): OpenTab[] {
  const known = tabs.some(({ id }) => id === tab.id)
  return known
    ? tabs.map((each) => (each.id === tab.id ? tab : each))
    : [...tabs.slice(-(TABS_MAX - 1)), tab]
}

export function readTabs(place: string): OpenTab[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(place)) ?? '[]') as OpenTab[]
    return Array.isArray(kept) ? kept : []
  } catch {
    return []
  }
}

export function keepTabs(place: string, tabs: readonly OpenTab[]): void {
  try {
    sessionStorage.setItem(keyOf(place), JSON.stringify(tabs))
  } catch {
    // Full: what is typed stays on the page, and is gone with it.
  }
}

function keyOf(place: string): string {
  return `sandpiper.playground.${place}`
}
