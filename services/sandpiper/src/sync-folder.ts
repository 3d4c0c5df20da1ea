// Names in a folder are durable only after an fsync of the folder itself.
import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Makes what was created, renamed or removed in a folder survive a power cut. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
