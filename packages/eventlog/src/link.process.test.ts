// The link between two real processes, one of which is killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openEventLog } from './open-event-log.ts'
import { frameOf, tempDir } from './testing.ts'

const never = new AbortController().signal
const script = fileURLToPath(new URL('testing-writer.ts', import.meta.url))

function startWriter(dir: string, socketPath: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', script, dir, socketPath], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

test('appended frames are loaded by the writer process; its death loses the turn, keeps the waits, and its successor goes on', async () => {
  const folder = await tempDir()
  const dir = join(folder.dir, 'log')
  const socketPath = join(folder.dir, 'link.sock')
  const log = await openEventLog({ dir, socketPath })
  const first = frameOf('a')
  const writer = startWriter(dir, socketPath)
  const sequence = await log.append(first)
  expect(await log.loaded(first.dataSourceId, sequence, never)).toEqual({ kind: 'loaded' })

  const turn = await log.turn(first.workspaceId, never)
  const lost = new Promise((resolve) => turn.signal.addEventListener('abort', resolve))
  writer.kill('SIGKILL')
  await lost
  const waiting = log.loaded(first.dataSourceId, await log.append(frameOf('b')), never)
  const successor = startWriter(dir, socketPath)
  expect(await waiting).toEqual({ kind: 'loaded' })
  await turn.release()
  await (await log.turn(first.workspaceId, never)).release()

  const exited = new Promise((resolve) => successor.once('exit', resolve))
  await log.close()
  expect(await exited).toBe(0)
  await folder.remove()
}, 30_000)
