import { writeFileSync } from 'node:fs'
import { cliDocs } from '../services/cli/src/cli-docs.ts'

writeFileSync(new URL('../docs/guides/cli.md', import.meta.url), cliDocs())
