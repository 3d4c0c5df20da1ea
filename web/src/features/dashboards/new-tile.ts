import type { Tile } from '@sandpiper/contracts'

/** An empty tile with an id of its own. */
export function newTile(layout: Tile['layout']): Tile {
  // Not randomUUID: that is there on pages of https only.
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  const id = `t${Array.from(bytes, (each) => each.toString(16).padStart(2, '0')).join('')}`
  return { id, title: '', chart: { type: 'line' }, source: { pipe: '', params: {} }, layout }
}
