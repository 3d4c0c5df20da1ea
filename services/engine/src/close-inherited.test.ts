import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

test('a file that the parent left open is closed, pipes and sockets stay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inherited-'))
  const file = openSync(join(folder, 'data.mdb'), 'w+')
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const module = new URL('./close-inherited.ts', import.meta.url).href
  const code = `
    import { readlinkSync } from 'node:fs'
    import { closeInherited } from ${JSON.stringify(module)}
    const target = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd) } catch { return 'closed' } }
    const before = target(3)
    closeInherited()
    console.log(JSON.stringify([before, target(3), target(4).split(':')[0]]))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', tsx, '--input-type=module', '-e', code],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', file, 'pipe'] },
  )
  closeSync(file)
  rmSync(folder, { recursive: true })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([join(folder, 'data.mdb'), 'closed', 'socket'])
})
