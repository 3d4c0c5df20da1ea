import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Where rounds work: memory when there is some. A process that is killed takes nothing of it along; what a disk keeps is the disk model's part. */
export function scratchFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
}
