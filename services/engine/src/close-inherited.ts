// A file that a parent opened without O_CLOEXEC is open in each of its children. Node opens its own with it; what native code and
// whoever started us do, we do not know. This process runs SQL of users and holds nothing of others.
import { closeSync, readdirSync, readlinkSync } from 'node:fs'

const FOLDER = '/proc/self/fd'
const STANDARD_MAX = 2

/** Closes each file on a disk that was open when the process began. Call before anything opens one. Does nothing where there is no /proc. */
export function closeInherited(): void {
  for (const fd of inherited()) {
    const target = targetOf(fd)
    if (target.startsWith('/') && !target.startsWith('/dev/')) closeSync(fd)
  }
}

function inherited(): number[] {
  try {
    return readdirSync(FOLDER)
      .map(Number)
      .filter((fd) => fd > STANDARD_MAX)
  } catch {
    return []
  }
}

/** What a descriptor stands for; '' for the one that listed the folder, which is gone by now. */
function targetOf(fd: number): string {
  try {
    return readlinkSync(`${FOLDER}/${fd}`)
  } catch {
    return ''
  }
}
