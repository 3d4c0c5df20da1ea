import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { say } from '../../test/run-cli.ts'

test('files come into one form, a check writes nothing, and comments are never lost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fmt-'))
  const [plain, noted] = [join(folder, 'a.datasource'), join(folder, 'b.datasource')]
  const before = 'schema >\n  a UInt8,\n  b String\nengine MergeTree\n'
  const comment = `# keep me\n${before}`
  writeFileSync(plain, before)
  writeFileSync(noted, comment)
  const fmt = (...more: string[]) =>
    say(['fmt', '--project', folder, ...more], { url: 'http://127.0.0.1:9' })
  expect(await fmt('--check')).toMatchObject({ code: 1 })
  expect(readFileSync(plain, 'utf8')).toBe(before)
  expect((await fmt()).out).toMatch(/a\.datasource +changed\nb\.datasource +has comments/)
  expect(readFileSync(plain, 'utf8')).toContain('SCHEMA >\n    a UInt8,\n')
  expect(readFileSync(noted, 'utf8')).toBe(comment)
  expect(await fmt('--check')).toMatchObject({ code: 0 })
  rmSync(folder, { recursive: true })
})
