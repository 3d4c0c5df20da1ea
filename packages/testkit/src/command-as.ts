// Programs of this checkout run by somebody else, also when the checkout lies where only root may enter.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What spawn and execFile want to run a program as another user. */
export interface CommandAs {
  readonly file: string
  readonly args: string[]
  readonly ids: { readonly uid?: number; readonly gid?: number }
}

/** How to run a program as a user; null: as we are. Needs root, and setpriv when the checkout is closed to others. */
export function commandAs(uid: number | null, file: string, args: readonly string[]): CommandAs {
  if (uid === null) return { file, args: [...args], ids: {} }
  if (isCheckoutOpen()) return { file, args: [...args], ids: { uid, gid: uid } }
  const user = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  // Only the right to pass and read folders; without the bit, access(2) ignores it.
  const rights = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
  const bits = '--securebits=+no_setuid_fixup'
  return { file: 'setpriv', args: [bits, ...user, ...rights, '--', file, ...args], ids: {} }
}

function isCheckoutOpen(): boolean {
  const here = fileURLToPath(import.meta.url)
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
