import { spawn, type ChildProcess } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'

import { waitPatiently, type Patience } from './start-patience.ts'

const running: ChildProcess[] = []
const waits: Patience[] = []
afterEach(() => {
  for (const wait of waits.splice(0)) wait.stop()
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function started(script: string): number {
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
  running.push(child)
  return child.pid ?? 0
}

/** What is called first: the reason why it ended, or how long it was slow. */
function outcome(pid: number, allMs: number, until: (slow: number) => boolean) {
  return new Promise<string | number>((resolve) => {
    let slow = 0
    const over = resolve
    waits.push(
      waitPatiently(
        pid,
        { quietMs: 400, allMs },
        {
          over,
          slow: () => {
            slow += 1
            if (until(slow)) resolve(slow)
          },
        },
      ),
    )
  })
}

test('a child that works is waited for, one that does nothing is not', async () => {
  const busy = started('for (;;);')
  expect(await outcome(busy, 60_000, (slow) => slow === 3)).toBe(3)
  const idle = started('setTimeout(() => undefined, 1e9)')
  expect(await outcome(idle, 60_000, () => false)).toMatch(/did nothing$/)
})

test('a child that works for ever is given up in the end', async () => {
  expect(await outcome(started('for (;;);'), 1_000, () => false)).toMatch(
    /^was not ready within \d+ ms$/,
  )
})
