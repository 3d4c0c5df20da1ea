// The built console on the disk: the page, and the files that it names. Nothing is kept in memory: browsers ask once for each.
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

/** What a browser takes of a packed file, best first. */
const PACKINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Segments of what a build makes: no hidden file, no way up, no name that a disk refuses. */
const PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}\/){0,3}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/

/** One file as it is sent. */
interface ConsoleFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: string
  /** As Content-Encoding; null: as it is. */
  readonly packing: 'br' | 'gzip' | null
}

/** What was built of the console. */
export interface ConsoleFiles {
  /** The page; null while the console is not built. */
  page(): Promise<string | null>
  /** A file by its path below the root, such as `assets/index-5f3a.js`, packed when `acceptEncoding` allows; null: there is none. */
  file(path: string, acceptEncoding: string): Promise<ConsoleFile | null>
}

/** Reads from this folder, which may appear later. */
export function createConsoleFiles(folder: string): ConsoleFiles {
  return {
    async page() {
      const bytes = await readIfThere(join(folder, 'index.html'))
      return bytes === null ? null : new TextDecoder().decode(bytes)
    },
    async file(path, acceptEncoding) {
      const contentType = TYPES[extname(path)]
      if (contentType === undefined || !PATH.test(path)) return null
      for (const [packing, ending] of PACKINGS) {
        if (!accepts(acceptEncoding, packing)) continue
        const bytes = await readIfThere(join(folder, `${path}${ending}`))
        if (bytes !== null) return { bytes, contentType, packing }
      }
      const bytes = await readIfThere(join(folder, path))
      return bytes === null ? null : { bytes, contentType, packing: null }
    },
  }
}

function accepts(header: string, packing: string): boolean {
  return header
    .toLowerCase()
    .split(',')
    .some((each) => {
      const [name, ...options] = each.split(';').map((part) => part.trim())
      return name === packing && !options.some((option) => /^q=0(?:\.0*)?$/.test(option))
    })
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? err.code : undefined
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(code))) return null
    throw err
  }
}
