// Attacks 22, 44 and 45: what lies on disk, what is logged, what listens. Only on a server of our own.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunningSandpiper } from '@sandpiper/testkit'
import { SALT } from './project.ts'
import type { Target } from './target.ts'

/** What is looked at; `started` is null for a server that is not ours. */
export interface AtRest {
  readonly target: Target
  readonly started: RunningSandpiper | null
}

export function atRestAttacks(open: () => AtRest): void {
  test('attacks 22 and 45: no value of a token or variable is on disk or in the log', (ctx) => {
    const { started, target } = open()
    if (started === null) return ctx.skip('the server is not ours')
    const secrets = [
      ...Object.values(target.tokens).map((value) => Buffer.from(value.split('.')[2] ?? value)),
      Buffer.from(SALT),
    ]
    const files = filesIn(started.dataDir)
    expect(files.length).toBeGreaterThan(100)
    const texts: [string, Buffer][] = [
      ['the log', Buffer.from(started.log())],
      ...files.map((file): [string, Buffer] => [file, readFileSync(file)]),
    ]
    for (const [name, text] of texts)
      for (const secret of secrets) expect(text.includes(secret), name).toBe(false)
  })

  test('attack 45: nobody else reads or writes a file, or connects to a socket', (ctx) => {
    const { started } = open()
    if (started === null) return ctx.skip('the server is not ours')
    for (const path of everythingIn(started.dataDir)) {
      const stat = statSync(path)
      // Others may walk through folders to those that are theirs, and nothing more.
      expect(stat.mode & (stat.isDirectory() ? 0o006 : 0o007), path).toBe(0)
    }
    expect(statSync(join(started.dataDir, 'secret.key')).mode & 0o777).toBe(0o600)
  })
}

function filesIn(folder: string): string[] {
  return everythingIn(folder).filter((path) => statSync(path).isFile())
}

function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
}
