// A thousand data sources that nobody writes to: what the product costs then, and how long it takes to start with them.
// Aims: no CPU; 3 s from the start of the process to the first answered query.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startProduct } from '../started-product.ts'
import { cpuByPart, deploy } from './bench-product.ts'
import { EVENTS } from './bench-project.ts'
import type { Ladder } from './ladder.ts'

const SOURCES = 1_000
/** The engine looks for merges of a table the more rarely, the longer there were none: it takes minutes to come to rest. */
const SETTLE_MS = 240_000

export const thousandIdle: Ladder = async ({ seconds }) => {
  const home = mkdtempSync(join(tmpdir(), 'sandpiper-bench-'))
  const dataDir = join(home, 'data')
  try {
    const first = await startProduct(dataDir)
    try {
      const began = performance.now()
      await deploy(first, project())
      console.log(`deployed in ${((performance.now() - began) / 1000).toFixed(1)} s`)
      await pause(SETTLE_MS)
      const before = cpuByPart(first.pid)
      await pause(seconds * 1000)
      const after = cpuByPart(first.pid)
      const cores = Object.entries(after).map(
        ([part, used]) => `${part} ${((used - (before[part] ?? 0)) / seconds).toFixed(3)}`,
      )
      console.log(`idle, in cores: ${cores.join(', ')}`)
    } finally {
      await first.stop()
    }
    const second = await startProduct(dataDir)
    console.log(
      `${SOURCES} data sources, start to first query: ${(second.firstQueryMs / 1000).toFixed(2)} s (aim: 3 s)`,
    )
    await second.stop()
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function project(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: SOURCES }, (_, index) => [`idle_${index + 1}.datasource`, EVENTS]),
  )
}
