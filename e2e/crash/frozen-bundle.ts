// A copy of the built product. A campaign restarts it for minutes or hours: what is built meanwhile must not get in between. Mutations
// patch such a copy, so that the product itself needs no switch for tests.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAMS = ['engine', 'sandpiper', 'writer']

/** What to replace in a program; it must be there once, or the mutation proves nothing. */
export interface Patch {
  readonly program: 'engine' | 'sandpiper' | 'writer'
  readonly find: RegExp
  readonly replace: string
}

export interface FrozenBundle {
  /** Path of the program to start. */
  readonly main: string
  remove(): void
}

/** Copies the last build, which must be there. @param root of the checkout; default this one. @throws Error when a patch finds not just one place. */
export function freezeBundle(patches: readonly Patch[] = [], root: string = ROOT): FrozenBundle {
  const home = mkdtempSync(join(tmpdir(), 'sandpiper-bundle-'))
  // The engine runs as somebody else.
  chmodSync(home, 0o755)
  cpSync(join(root, 'sql'), join(home, 'sql'), { recursive: true })
  for (const program of PROGRAMS) {
    const [from, to] = [join(root, 'services', program), join(home, 'services', program)]
    mkdirSync(to, { recursive: true })
    cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true })
    symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'))
  }
  for (const { program, find, replace } of patches) {
    const file = join(home, 'services', program, 'dist/main.mjs')
    const text = readFileSync(file, 'utf8')
    const found = [...text.matchAll(new RegExp(find, `${find.flags}g`))].length
    if (found !== 1) throw new Error(`${found} places in the ${program} match ${String(find)}`)
    writeFileSync(file, text.replace(find, replace))
  }
  const remove = (): void => {
    process.off('exit', remove)
    rmSync(home, { recursive: true, force: true })
  }
  process.on('exit', remove)
  return { main: join(home, 'services/sandpiper/dist/main.mjs'), remove }
}
