// The rules that no other tool checks, over every text file of the repository. Each has a test that sees it go red.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { applyAllowList, type Allowance } from './tidy/allow-list.ts'
import { configDocs } from './tidy/config-docs.ts'
import { configDrift } from './tidy/config-drift.ts'
import { dependencies } from './tidy/dependencies.ts'
import { docstrings } from './tidy/docstrings.ts'
import { deadLinks } from './tidy/markdown.ts'
import { names } from './tidy/names.ts'
import { readProject, type Rule } from './tidy/project.ts'
import { sizes } from './tidy/sizes.ts'
import { bannedWords } from './tidy/words.ts'

const RULES: readonly Rule[] = [
  sizes,
  docstrings,
  deadLinks,
  bannedWords,
  names,
  dependencies,
  configDrift,
  configDocs,
]
/** Only ever lowered. */
const ALLOWED_MAX = 0

const root = fileURLToPath(new URL('..', import.meta.url))
const files = readProject(root)
const allowed = JSON.parse(
  readFileSync(new URL('tidy/allow-list.json', import.meta.url), 'utf8'),
) as Allowance[]
const findings = applyAllowList(
  RULES.flatMap((rule) => rule(files)),
  allowed,
  ALLOWED_MAX,
)

for (const { path, line, rule, message } of findings) {
  console.log(`${path}:${line} ${rule}: ${message}`)
}
console.log(`tidy: ${files.length} files, ${findings.length} findings`)
process.exitCode = findings.length === 0 ? 0 : 1
