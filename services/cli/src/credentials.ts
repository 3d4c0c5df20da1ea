// What `sandpiper login` keeps: a token for each server, in a file that only its owner can read. A token is given to the server it was
// kept for, and to no other.
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from './cli-error.ts'

export interface Credentials {
  readonly path: string
  /** Where the last login was; null when there is none. */
  current(): string | null
  tokenFor(origin: string): string | null
  keep(origin: string, token: string): void
  /** @returns whether there was one. */
  forget(origin: string): boolean
}

interface Kept {
  current: string | null
  tokens: Record<string, string>
}

export function openCredentials(path: string): Credentials {
  return {
    path,
    current: () => read(path).current,
    tokenFor: (origin) => {
      const { tokens } = read(path)
      return Object.hasOwn(tokens, origin) ? (tokens[origin] ?? null) : null
    },
    keep: (origin, token) => {
      const { tokens } = read(path)
      write(path, { current: origin, tokens: { ...tokens, [origin]: token } })
    },
    forget: (origin) => {
      const { current, tokens } = read(path)
      if (!Object.hasOwn(tokens, origin)) return false
      const left = Object.entries(tokens).filter(([each]) => each !== origin)
      write(path, {
        current: current === origin ? null : current,
        tokens: Object.fromEntries(left),
      })
      return true
    },
  }
}

function read(path: string): Kept {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, tokens: {} }
    throw new CliError(`${path} cannot be read: ${String(err)}`)
  }
  try {
    const { current, tokens } = JSON.parse(text) as Partial<Kept>
    const texts = Object.entries(tokens ?? {}).filter(([, each]) => typeof each === 'string')
    return {
      current: typeof current === 'string' ? current : null,
      tokens: Object.fromEntries(texts),
    }
  } catch {
    throw new CliError(`${path} is damaged. Remove it and log in again: sandpiper login.`)
  }
}

function write(path: string, kept: Kept): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const making = `${path}.${process.pid}`
  // A file that was there before keeps its mode: made anew it is closed from its first byte on.
  rmSync(making, { force: true })
  writeFileSync(making, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(making, 0o600)
  renameSync(making, path)
}
