import { performance } from 'node:perf_hooks'

/** What this process uses. It costs nothing until it is asked for. */
export interface ProcessUsage {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly loopActiveSeconds: number
  readonly loopIdleSeconds: number
  /** How late a timer fired just now. */
  readonly loopDelaySeconds: number
}

/** Measures this process; takes about a millisecond. */
export async function measureProcess(): Promise<ProcessUsage> {
  const startedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 1))
  const delayMs = Math.max(0, performance.now() - startedAt - 1)
  const { user, system } = process.cpuUsage()
  const { active, idle } = performance.eventLoopUtilization()
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    loopActiveSeconds: active / 1000,
    loopIdleSeconds: idle / 1000,
    loopDelaySeconds: delayMs / 1000,
  }
}
