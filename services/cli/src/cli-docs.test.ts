import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sayTo } from '../test/run-cli.ts'
import { COMMANDS } from './all-commands.ts'
import { cliDocs } from './cli-docs.ts'

test('docs/guides/cli.md says what the program says (npx tsx scripts/write-cli-docs.ts writes it)', () => {
  const page = readFileSync(new URL('../../../docs/guides/cli.md', import.meta.url), 'utf8')
  expect(page).toBe(cliDocs())
})

test('every command has help with its options and examples', async () => {
  for (const { usage, options, examples } of COMMANDS) {
    const words = usage.replace(/ [<[].*$/, '').split(' ')
    const { code, out } = await sayTo([...words, '--help'], {})
    expect({ usage, code }).toEqual({ usage, code: 0 })
    expect(out).toContain(`Usage: sandpiper ${words.join(' ')}`)
    for (const [flags] of options ?? []) expect(out).toContain(flags)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(out).toContain(`sandpiper ${example}`)
  }
})
