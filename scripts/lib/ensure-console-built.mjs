// Builds the console into web/dist: index.html, and assets whose names hold their hash, each beside itself packed (.br, .gz), so that
// the server packs nothing while it answers.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const STAMP = 'built-from'
/** What is packed already, or not text, is not packed again. */
const PACKED = /\.(?:br|gz|png|jpe?g|ico|woff2)$/
/** Below, the answer's headers are longer than what is saved. */
const PACK_BYTES_MIN = 1_024
/** How long files of earlier builds stay. Milliseconds. */
const KEPT_MS = 3_600_000

/**
 * Builds when a source of the console, the contracts it is written against, the lockfile or this file is not what the last build was
 * made from; else does nothing. Without web/package.json there is nothing to build.
 * @param {string} root of the repository, installed
 * @throws Error of one line when the build fails; what was built before stays.
 */
export function ensureConsoleBuilt(root) {
  const stamp = join(root, 'web/dist', STAMP)
  const isFresh = existsSync(stamp) && existsSync(join(root, 'web/dist/index.html'))
  if (isFresh && readFileSync(stamp, 'utf8') === fingerprint(root)) return
  buildConsole(root)
}

/**
 * Builds, also when nothing changed. Two builds at the same time do not disturb each other, nor a server that serves: files appear
 * whole, index.html last, and those of earlier builds stay for an hour, for tabs that are open.
 * @param {string} root of the repository, installed
 */
export function buildConsole(root) {
  const web = join(root, 'web')
  if (!existsSync(join(web, 'package.json'))) return
  const made = fingerprint(root)
  const dist = join(web, 'dist')
  rmSync(join(dist, STAMP), { force: true })
  const making = join(dist, `.making-${process.pid}`)
  try {
    runVite(web, relative(web, making))
    for (const file of filesIn(making)) pack(file)
    moveInto(making, dist)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  writeFileSync(join(dist, STAMP), made)
}

/** As `npm run build` in web/ would, but for the second that npm takes. */
function runVite(web, outDir) {
  const { scripts } = JSON.parse(readFileSync(join(web, 'package.json'), 'utf8'))
  const command = `${scripts.build} --outDir '${outDir}' --emptyOutDir`
  const path = [join(web, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  const { status } = spawnSync('sh', ['-c', command], {
    // Of whoever started us, such as a test runner, it would make a build for development.
    env: { ...process.env, PATH: path, NODE_ENV: 'production' },
    ...{ cwd: web, stdio: ['ignore', 'ignore', 'inherit'] },
  })
  if (status !== 0) throw new Error('The console could not be built: cd web && npm run build')
}

function pack(file) {
  const bytes = readFileSync(file)
  if (PACKED.test(file) || file.endsWith('index.html') || bytes.length < PACK_BYTES_MIN) return
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }))
}

function moveInto(making, dist) {
  const isIndex = (path) => (path === 'index.html' ? 1 : 0)
  const made = filesIn(making)
    .map((file) => relative(making, file))
    .sort((a, b) => isIndex(a) - isIndex(b))
  for (const path of made) {
    mkdirSync(dirname(join(dist, path)), { recursive: true })
    renameSync(join(making, path), join(dist, path))
  }
  const kept = new Set(made)
  for (const file of filesIn(dist)) {
    const madeMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (Date.now() - madeMs > KEPT_MS && !kept.has(relative(dist, file)))
      rmSync(file, { force: true })
  }
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
}

function fingerprint(root) {
  const hash = createHash('sha256')
  for (const path of sources(root)) hash.update(`${path}\n`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function sources(root) {
  const web = readdirSync(join(root, 'web'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `web/${name}`)
  const deep = ['web/src', 'web/public', 'packages/contracts/src'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? filesIn(join(root, folder)).map((file) => relative(root, file))
      : [],
  )
  return ['pnpm-lock.yaml', 'scripts/lib/ensure-console-built.mjs', ...web, ...deep]
    .filter((path) => !/\.test\.tsx?$/.test(path))
    .sort()
}
