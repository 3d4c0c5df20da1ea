// Brings the pinned pnpm and the locked dependencies, with nothing but Node and its npm on the machine.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const NODE_MIN = [20, 19]
const STAMP = 'node_modules/.sandpiper-installed'

/**
 * Installs when the lockfile, a manifest, Node or the machine is not what the last installation was made for; else does nothing.
 * @param {string} root of the repository
 * @throws Error of one line when Node is too old or the installation fails.
 */
export async function ensureInstalled(root) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    throw new Error(
      `Node ${NODE_MIN.join('.')} or later is needed; this is ${process.versions.node}.`,
    )
  }
  const wanted = fingerprint(root)
  const stamp = join(root, STAMP)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const args = [
    'exec',
    '--yes',
    `--package=${packageManager}`,
    '--',
    'pnpm',
    'install',
    '--frozen-lockfile',
  ]
  const [command, ...before] = npmCommand()
  const { status } = spawnSync(command, [...before, ...args], { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`The installation failed: npm ${args.join(' ')}`)
  writeFileSync(stamp, wanted)
}

/** The npm that started us, else the one on the path. */
function npmCommand() {
  const path = process.env.npm_execpath
  return path?.endsWith('npm-cli.js') ? [process.execPath, path] : ['npm']
}

function fingerprint(root) {
  const hash = createHash('sha256')
  hash.update(`${process.version} ${process.platform} ${process.arch}\n`)
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests(root)]) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

function manifests(root) {
  const groups = ['packages', 'services', 'examples'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/package.json`),
  )
  const single = ['package.json', 'bench/package.json', 'e2e/package.json', 'web/package.json']
  return [...single, ...groups].filter((path) => existsSync(join(root, path)))
}
