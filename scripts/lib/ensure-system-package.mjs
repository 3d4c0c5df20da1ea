// Programs that no npm package brings: found on the path, else installed by apt-get where this user may, else asked for.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Where a program is, installed when it is not there.
 * @param {readonly string[]} commands names it goes by; the first found wins
 * @param {string} systemPackage what Debian and Ubuntu call it
 * @returns {string} absolute path
 * @throws Error of one line with the command to run, when it is not there and cannot be installed from here.
 */
export function ensureSystemPackage(commands, systemPackage) {
  const found = find(commands) ?? (install(systemPackage) ? find(commands) : undefined)
  if (found !== undefined) return found
  throw new Error(
    `${commands[0]} is needed and could not be installed. Run: sudo apt-get update && sudo apt-get install -y ${systemPackage}`,
  )
}

function find(commands) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return commands.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** As root, or where sudo asks nothing. */
function install(systemPackage) {
  if (find(['apt-get']) === undefined) return false
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !run('sudo', ['-n', 'true'])) return false
  const before = isRoot ? [] : ['sudo', '-n']
  const [command, ...args] = [...before, 'apt-get']
  const options = ['install', '-y', '--no-install-recommends', systemPackage]
  return run(command, [...args, 'update']) && run(command, [...args, ...options])
}

function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // What apt-get says is for people: standard output belongs to whoever runs us.
  return spawnSync(command, args, { env, stdio: ['ignore', 2, 2], timeout: 300_000 }).status === 0
}
