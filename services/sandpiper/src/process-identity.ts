// Which process a number means. Numbers are used again, after a restart of the machine most of all: the time of its start makes
// a process unique.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Text that differs for every process that ever has this number; null when there is none now. */
export function processIdentity(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

/** The command line of a process, its parts joined by spaces; '' when there is none or it may not be read. */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'latin1' }).trim()
  } catch {
    return ''
  }
}

function fromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the program, in brackets, may hold anything: fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie holds nothing any more.
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    return `${boot} ${fields[19] ?? ''}`
  } catch {
    return null
  }
}

function fromPs(pid: number): string | null {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'latin1' })
    return started.trim() || null
  } catch {
    return null
  }
}
