import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'

const real = fileURLToPath(new URL('..', import.meta.url))
let root: string

// A console as small as it can be: its "bundler" names one asset after what the source says, as a hash would.
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sandpiper-build-console-'))
  const script = 'scripts/lib/ensure-console-built.mjs'
  cpSync(join(real, script), join(root, script))
  put('package.json', '{"type":"module"}')
  put('pnpm-lock.yaml', 'lock: 1')
  put('packages/contracts/src/contracts.ts', 'export {}\n')
  put('web/package.json', '{"type":"module","scripts":{"build":"node bundle.js"}}')
  put('web/src/word', 'first')
  put(
    'web/bundle.js',
    `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const out = process.argv[process.argv.indexOf('--outDir') + 1]
const word = readFileSync('src/word', 'utf8')
if (word === 'broken' || process.env.NODE_ENV !== 'production') throw new Error('does not compile')
mkdirSync(out + '/assets', { recursive: true })
writeFileSync(out + '/assets/' + word + '.js', '// ' + word.repeat(500))
writeFileSync(out + '/assets/small.js', '//')
writeFileSync(out + '/index.html', '<script src="/assets/' + word + '.js"></script>' + ' '.repeat(2000))
`,
  )
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

function ensureConsoleBuilt(): string {
  const script = pathToFileURL(join(root, 'scripts/lib/ensure-console-built.mjs')).href
  const code = `const { ensureConsoleBuilt } = await import(${JSON.stringify(script)}); try { ensureConsoleBuilt(${JSON.stringify(root)}) } catch (err) { console.log(err.message) }`
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  }).stdout.trim()
}

const built = (): string[] => readdirSync(join(root, 'web/dist'), { recursive: true }).map(String)

test('the console is built once, and again when a source changed; files of builds before go after an hour', () => {
  expect(ensureConsoleBuilt()).toBe('')
  const all = ['assets', 'assets/first.js', 'assets/first.js.br', 'assets/first.js.gz']
  expect(built().sort()).toEqual([...all, 'assets/small.js', 'built-from', 'index.html'])
  const before = statSync(join(root, 'web/dist/index.html'), { bigint: true }).ino
  ensureConsoleBuilt()
  expect(statSync(join(root, 'web/dist/index.html'), { bigint: true }).ino).toBe(before)
  put('web/src/word.test.tsx', 'a test changes nothing')
  ensureConsoleBuilt()
  expect(statSync(join(root, 'web/dist/index.html'), { bigint: true }).ino).toBe(before)

  put('web/src/word', 'second')
  ensureConsoleBuilt()
  expect(built().filter((path) => path.includes('first'))).toHaveLength(3)
  expect(readFileSync(join(root, 'web/dist/index.html'), 'utf8')).toContain('/assets/second.js')
  put('packages/contracts/src/contracts.ts', 'export const changed = true\n')
  const stamp = readFileSync(join(root, 'web/dist/built-from'), 'utf8')
  ensureConsoleBuilt()
  expect(readFileSync(join(root, 'web/dist/built-from'), 'utf8')).not.toBe(stamp)
  const twoHoursAgo = Date.now() / 1_000 - 7_200
  for (const path of built()) utimesSync(join(root, 'web/dist', path), twoHoursAgo, twoHoursAgo)
  put('web/src/word', 'third')
  ensureConsoleBuilt()
  expect(built().filter((path) => /first|second/.test(path))).toEqual([])
  expect(built()).toContain('assets/small.js')
})

test('what is packed is what it was', () => {
  ensureConsoleBuilt()
  const file = join(root, 'web/dist/assets/first.js')
  const text = readFileSync(file, 'utf8')
  expect(brotliDecompressSync(readFileSync(`${file}.br`)).toString()).toBe(text)
  expect(gunzipSync(readFileSync(`${file}.gz`)).toString()).toBe(text)
})

test('a build that fails says so each time, and leaves what was built before', () => {
  ensureConsoleBuilt()
  put('web/src/word', 'broken')
  for (let i = 0; i < 2; i++)
    expect(ensureConsoleBuilt()).toBe('The console could not be built: cd web && npm run build')
  expect(existsSync(join(root, 'web/dist/assets/first.js'))).toBe(true)
  expect(built().filter((path) => path.startsWith('.making'))).toEqual([])
  put('web/src/word', 'mended')
  expect(ensureConsoleBuilt()).toBe('')
  expect(existsSync(join(root, 'web/dist/assets/mended.js'))).toBe(true)
})

test('without a console there is nothing to build', () => {
  rmSync(join(root, 'web/package.json'))
  expect(ensureConsoleBuilt()).toBe('')
  expect(existsSync(join(root, 'web/dist'))).toBe(false)
})
