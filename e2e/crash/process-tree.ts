// The processes of a running product, found anew before each kill: children are started again under other numbers.
import { readdirSync, readFileSync } from 'node:fs'

export interface TreeProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** A process and all below it, parents first. */
export function processTree(root: number): TreeProcess[] {
  const all = allProcesses()
  const tree: TreeProcess[] = all.filter((each) => each.pid === root)
  for (const parent of tree) tree.push(...all.filter((each) => each.parent === parent.pid))
  return tree
}

/** Every process that was started for a data directory, orphans of former lives included: its command or environment names the folder. */
export function processesOf(dataDir: string): TreeProcess[] {
  return allProcesses().filter(
    ({ pid, command }) => command.includes(dataDir) || environmentOf(pid).includes(`=${dataDir}/`),
  )
}

/** The engine, the writer or the Postgres server below a main process; null while it is not there. */
export function childOf(root: number, name: 'engine' | 'writer' | 'postgres'): number | null {
  const isIt = (command: string): boolean =>
    name === 'postgres'
      ? /bin\/postgres\s-D/.test(command)
      : command.includes(`/services/${name}/dist/main.mjs`)
  return processTree(root).find((each) => each.pid !== root && isIt(each.command))?.pid ?? null
}

/** SIGKILL; false when it is gone already. */
export function kill9(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

function allProcesses(): TreeProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)))
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    // It ended meanwhile.
    return ''
  }
}

function readProcess(pid: number): TreeProcess[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z') return []
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
    return [{ pid, parent: Number(parent), command }]
  } catch {
    // It ended meanwhile.
    return []
  }
}
