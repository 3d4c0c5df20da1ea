import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const script = fileURLToPath(new URL('ensure-chromium.mjs', import.meta.url))
let bin: string

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'sandpiper-bin-'))
})
afterEach(() => {
  rmSync(bin, { recursive: true, force: true })
})

/** A program in the only folder of the path. */
function put(name: string, text: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(bin, name), 0o755)
}

function ensure(): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    ...{ encoding: 'utf8', env: { PATH: bin } },
  })
  return { status, stdout: stdout.trim(), stderr: stderr.trim() }
}

// Of a user that is not root `sudo -n` is asked; both stand in for the machine's.
const LOG = 'echo "$@" >> "${0%/*}/log"'
const log = (): string => readFileSync(join(bin, 'log'), 'utf8').trim()

test('a program that is there is found by any of its names, and nothing is installed', () => {
  put('apt-get', LOG)
  put('chromium-browser', '')
  expect(ensure()).toEqual({ status: 0, stdout: join(bin, 'chromium-browser'), stderr: '' })
  expect(log).toThrow()
})

test('one that is not there is installed where this user may', () => {
  put('sudo', 'shift; exec "$@"')
  put('true', '')
  put(
    'apt-get',
    `${LOG}\n[ "$1" = update ] || : > "\${0%/*}/chromium"\nexec /bin/chmod 755 "\${0%/*}/"*`,
  )
  expect(ensure()).toEqual({ status: 0, stdout: join(bin, 'chromium'), stderr: '' })
  expect(log()).toBe('update\ninstall -y --no-install-recommends chromium')
})

test('where it cannot be installed the one command to run is told', () => {
  const refused = {
    ...{ status: 1, stdout: '' },
    stderr:
      'chromium is needed and could not be installed. Run: sudo apt-get update && sudo apt-get install -y chromium',
  }
  expect(ensure()).toEqual(refused)
  put('sudo', 'exit 1')
  put('apt-get', 'exit 100')
  expect(ensure()).toEqual(refused)
})
