// Loads and merges stand back behind queries. Where the process may not take priority back (CAP_SYS_NICE) only merges do.
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startEngine, type RunningEngine } from '@sandpiper/testkit'

const held = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
const mayTakeBack = ((BigInt(`0x${held}`) >> 23n) & 1n) === 1n
let engine: RunningEngine

beforeAll(async () => {
  engine = await startEngine()
})
afterAll(() => engine.stop())

async function run(sql: string): Promise<string> {
  const answer = await fetch(engine.url, { method: 'POST', body: sql })
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return text
}

/** Niceness of the threads whose name fits. */
function niceness(name: RegExp): number[] {
  const tasks = `/proc/${engine.pid}/task`
  return readdirSync(tasks).flatMap((id) => {
    try {
      const [, comm = '', rest = ''] =
        /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`${tasks}/${id}/stat`, 'utf8')) ?? []
      return name.test(comm) ? [Number(rest.split(' ')[16])] : []
    } catch {
      return []
    }
  })
}

/** What is seen while the statement runs. */
async function seenDuring(sql: string, name: RegExp): Promise<number[]> {
  const seen: number[] = []
  let isOver = false
  const running = run(sql).finally(() => (isOver = true))
  while (!isOver) {
    seen.push(...niceness(name))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await running
  return seen
}

const SLOW = 'FROM numbers(20000000) WHERE sipHash64(number) % 1000 = 1'

test('threads of merges stand back as soon as there are any', async () => {
  await run('CREATE DATABASE d')
  await run('CREATE TABLE d.t (a UInt64) ENGINE = MergeTree ORDER BY a')
  await expect.poll(() => niceness(/^MergeMutate$/), { timeout: 15_000 }).toEqual([15, 15])
})

test('a load stands back where a query after it need not; where that could not be taken back, neither does', async () => {
  const query = /^(?:QueryP|QueryC)/
  const load = await seenDuring(`INSERT INTO d.t SELECT number ${SLOW}`, query)
  const seen = await seenDuring(`SELECT count() ${SLOW}`, query)
  expect(seen).not.toEqual([])
  if (mayTakeBack) {
    expect(new Set(load)).toContain(10)
    expect(new Set(seen)).toContain(1)
    expect(seen.sort((a, b) => a - b)[Math.floor(seen.length / 2)]).toBe(1)
  } else {
    expect(new Set([...load, ...seen])).toEqual(new Set([getPriority()]))
  }
})
