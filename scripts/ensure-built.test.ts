import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const real = fileURLToPath(new URL('..', import.meta.url))
let root: string

// A repository as small as it can be: five programs that use a package.
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sandpiper-build-'))
  symlinkSync(join(real, 'node_modules'), join(root, 'node_modules'))
  mkdirSync(join(root, 'scripts/lib'), { recursive: true })
  cpSync(join(real, 'scripts/lib/ensure-built.mjs'), join(root, 'scripts/lib/ensure-built.mjs'))
  put('package.json', '{"type":"module"}')
  put('pnpm-lock.yaml', 'lock: 1')
  put('packages/word/src/word.ts', "export const word: string = 'first'\n")
  for (const name of ['cli', 'engine', 'ingest', 'sandpiper', 'writer']) {
    put(
      `services/${name}/src/main.ts`,
      "import { word } from '../../../packages/word/src/word.ts'\nconsole.log(word)\n",
    )
  }
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

function ensureBuilt(): void {
  const script = pathToFileURL(join(root, 'scripts/lib/ensure-built.mjs')).href
  const code = `const { ensureBuilt } = await import(${JSON.stringify(script)}); await ensureBuilt(${JSON.stringify(root)})`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
}

const output = (name: string): string => join(root, `services/${name}/dist/main.mjs`)
const says = (name: string): string =>
  spawnSync(process.execPath, [output(name)], { encoding: 'utf8' }).stdout.trim()

test('programs are built once, and again when a source of a package or the lockfile changed', () => {
  ensureBuilt()
  expect(['cli', 'engine', 'sandpiper', 'writer'].map(says)).toEqual(Array(4).fill('first'))
  const built = statSync(output('engine'), { bigint: true })
  ensureBuilt()
  expect(statSync(output('engine'), { bigint: true }).ino).toBe(built.ino)

  put('packages/word/src/word.ts', "export const word: string = 'second'\n")
  ensureBuilt()
  expect(says('writer')).toBe('second')

  put('pnpm-lock.yaml', 'lock: 2')
  rmSync(output('engine'))
  ensureBuilt()
  expect(says('engine')).toBe('second')
})

test('a test file does not cause a build', () => {
  ensureBuilt()
  const before = readFileSync(join(root, 'services/sandpiper/dist/built-from'), 'utf8')
  put('packages/word/src/word.test.ts', 'export {}\n')
  const built = statSync(output('engine'), { bigint: true }).ino
  ensureBuilt()
  expect(statSync(output('engine'), { bigint: true }).ino).toBe(built)
  expect(readFileSync(join(root, 'services/sandpiper/dist/built-from'), 'utf8')).toBe(before)
})

test('a build that fails is tried again, and leaves no stamp', () => {
  put('services/writer/src/main.ts', 'const = 1')
  expect(() => {
    ensureBuilt()
  }).toThrow()
  put('services/writer/src/main.ts', "console.log('mended')\n")
  ensureBuilt()
  expect(says('writer')).toBe('mended')
})
