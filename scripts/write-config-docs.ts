import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { renderConfigDocs } from './tidy/config-docs.ts'
import { readProject } from './tidy/project.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
writeFileSync(new URL('../docs/config.md', import.meta.url), renderConfigDocs(readProject(root)))
