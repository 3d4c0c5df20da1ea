import { execFileSync } from 'node:child_process'
import { arch, cpus, release, totalmem, type } from 'node:os'

/** Prints what a figure means nothing without: hardware, versions, commit. */
export function printMachine(title: string): void {
  const model = cpus()[0]?.model ?? 'unknown processor'
  const gib = (totalmem() / 2 ** 30).toFixed(1)
  console.log(`# ${title}`)
  console.log(`machine  ${cpus().length} x ${model}, ${gib} GiB, ${type()} ${release()} ${arch()}`)
  console.log(`node     ${process.version}`)
  console.log(`commit   ${git('rev-parse', '--short', 'HEAD')}${isDirty() ? ' with changes' : ''}`)
  console.log(`date     ${new Date().toISOString()}`)
}

/** The value below which `share` (0 to 1) of the samples lie. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function isDirty(): boolean {
  return git('status', '--porcelain') !== ''
}

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
