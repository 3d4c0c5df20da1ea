// How long a child may take until it is ready: on a busy machine longer than on an idle one, so what counts is whether it gets on.
import { readFileSync } from 'node:fs'

/** Milliseconds. */
export interface PatienceLimits {
  /** Without any sign of work. */
  readonly quietMs: number
  /** In all, however busy it is. */
  readonly allMs: number
}

/** A start takes a second on an idle machine. */
export const PATIENCE: PatienceLimits = { quietMs: 20_000, allMs: 120_000 }

export interface Patience {
  /** It said something. */
  heard(): void
  /** Nobody waits any more. Idempotent. */
  stop(): void
}

/**
 * Waits for a child as long as it works: uses the processor, waits for a disk, or says something. Where that cannot be seen (no /proc) a
 * child that lives is taken to work.
 * @param on.slow called after each while that it needed more. @param on.over called once when the time is up.
 */
export function waitPatiently(
  pid: number,
  limits: PatienceLimits,
  on: { readonly slow: (elapsedMs: number) => void; readonly over: (reason: string) => void },
): Patience {
  const began = performance.now()
  let last = workOf(pid)
  let isHeard = false
  const look = (): void => {
    const elapsedMs = Math.round(performance.now() - began)
    const now = workOf(pid)
    const works = isHeard || now === null || now.isInDisk || now.ticks !== last?.ticks
    last = now
    isHeard = false
    if (!works) stopWith(`was not ready within ${elapsedMs} ms and did nothing`)
    else if (elapsedMs >= limits.allMs) stopWith(`was not ready within ${elapsedMs} ms`)
    else on.slow(elapsedMs)
  }
  const timer = setInterval(look, Math.min(limits.quietMs, limits.allMs))
  const stopWith = (reason: string): void => {
    clearInterval(timer)
    on.over(reason)
  }
  return {
    heard() {
      isHeard = true
    },
    stop() {
      clearInterval(timer)
    },
  }
}

/** Ticks of the processor that a process has used, and whether it waits for a disk now; null where it cannot be read. */
function workOf(pid: number): { readonly ticks: number; readonly isInDisk: boolean } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { ticks: Number(fields[11]) + Number(fields[12]), isInDisk: fields[0] === 'D' }
  } catch {
    return null
  }
}
