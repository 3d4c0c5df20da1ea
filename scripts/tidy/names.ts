import type { Finding, SourceFile } from './project.ts'

const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/
/** Names that a tool or a custom demands, and SQL migrations `0001_what.sql`. */
const CUSTOMARY =
  /^(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG|LICENSE|SECURITY)(\.md)?$|^\d{4}_[a-z0-9_]+\.sql$/
/** Files named after a resource, whose names allow underscores. */
const RESOURCE = /\.(datasource|pipe|connection|ndjson|yaml)$/
const DRAWERS = new Set(['utils', 'helpers', 'common', 'types', 'misc', 'shared'])

/** Files and folders are kebab-case and named after what they hold: no drawers. */
export function names(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path }) => {
    const parts = path.split('/')
    const name = parts.at(-1) ?? ''
    const found: Finding[] = []
    const isFine = KEBAB.test(name) || CUSTOMARY.test(name) || RESOURCE.test(name)
    if (!isFine || parts.slice(0, -1).some((folder) => !KEBAB.test(folder))) {
      found.push({ rule: 'kebab-case', path, line: 1, message: 'files and folders are kebab-case' })
    }
    const drawer = parts
      .map((part) => part.replace(/\.tsx?$/, ''))
      .find((part) => DRAWERS.has(part))
    if (drawer !== undefined) {
      found.push({
        rule: 'drawer',
        path,
        line: 1,
        message: `"${drawer}" says nothing: name the thing`,
      })
    }
    return found
  })
}
