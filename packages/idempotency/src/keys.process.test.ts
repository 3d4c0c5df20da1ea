// The index in a real process on a real disk: killed, and refused by the system.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKeyIndex } from './key-index.ts'
import { NOW, numberedEntry, testRetention } from './testing-index.ts'
import { tempDir } from './testing.ts'

const script = fileURLToPath(new URL('testing-keys.ts', import.meta.url))
const COMMAND = [process.execPath, '--import', 'tsx', script]

let folder: Awaited<ReturnType<typeof tempDir>>
beforeEach(async () => {
  folder = await tempDir()
})
afterEach(() => folder.remove())

type Lines = AsyncIterator<string, undefined>

/** What the process says, line by line. */
function start(command: readonly string[]): { child: ChildProcess; lines: Lines } {
  const [program = '', ...args] = command
  const child = spawn(program, [...args, folder.dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

/** Reads on until the line, at most 100,000 lines. @returns all lines that were read. */
async function until(lines: Lines, isIt: (line: string) => boolean): Promise<string[]> {
  const read: string[] = []
  while (read.length < 100_000) {
    const next = await lines.next()
    if (next.done === true) throw new Error(`it ended: ${read.slice(-3).join(', ')}`)
    read.push(next.value)
    if (isIt(next.value)) return read
  }
  throw new Error(`it never came: ${read.slice(-3).join(', ')}`)
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** The last number of the flushes among the lines. */
function flushedUpTo(lines: readonly string[]): number {
  const flushed = lines.filter((line) => line.startsWith('flushed ')).at(-1)
  return Number(flushed?.slice('flushed '.length))
}

async function expectAllUpTo(told: number): Promise<void> {
  const index = await openKeyIndex({
    ...{ dir: folder.dir, runKeys: 64, retention: testRetention },
    now: () => NOW,
  })
  expect(index.seenUpTo()).toBeGreaterThanOrEqual(told)
  for (let number = 1; number <= index.seenUpTo(); number += 1)
    if ((await index.find(numberedEntry(number).id))?.sequence !== number)
      expect.fail(`${number} is forgotten`)
  await index.close()
}

test('killed again and again, it knows every key that was told to be durable', async () => {
  let told = 0
  for (let kills = 1; kills <= 4; kills += 1) {
    const { child, lines } = start(COMMAND)
    const upTo = told + 400 * kills
    const read = await until(lines, (line) => line === 'refused' || flushedUpTo([line]) >= upTo)
    await kill(child)
    told = flushedUpTo(read)
    expect(read.filter((line) => !line.startsWith('flushed '))).toEqual([])
    await expectAllUpTo(told)
  }
}, 60_000)

test('while the system refuses to write it lives, knows every key, and writes them all once it may', async () => {
  const { child, lines } = start(['prlimit', '--fsize=3000:unlimited', ...COMMAND])
  let refused = 0
  const before = await until(lines, (line) => line === 'refused' && (refused += 1) === 50)
  expect(before.filter((line) => line.startsWith('forgot'))).toEqual([])
  execFileSync('prlimit', [`--pid=${child.pid ?? 0}`, '--fsize=unlimited:unlimited'])
  const told = flushedUpTo(before)
  const after = await until(lines, (line) => flushedUpTo([line]) > told + 800)
  expect(after.filter((line) => line.startsWith('forgot'))).toEqual([])
  await kill(child)
  await expectAllUpTo(flushedUpTo(after))
}, 60_000)
