import { lineAt, type Finding, type SourceFile } from './project.ts'

const LIST = 'docs/dependencies.md'
const OWN = '@sandpiper/'

/** Every third-party dependency has a line in docs/dependencies.md, and every line there is still one; parts of one thing share a line. */
export function dependencies(files: readonly SourceFile[]): Finding[] {
  const list = files.find(({ path }) => path === LIST)?.text ?? ''
  const listed = new Map(
    [...list.matchAll(/^\|(\s*`[^|]+)\|/gm)].flatMap(({ 1: cell = '', index }) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => [name, lineAt(list, index)]),
    ),
  )
  const used = new Map<string, SourceFile>()
  for (const file of files) {
    if (/(^|\/)package\.json$/.test(file.path)) {
      for (const name of dependencyNames(file.text)) used.set(name, file)
    }
  }
  const missing = [...used].filter(([name]) => !listed.has(name))
  const stale = [...listed].filter(([name]) => !used.has(name))
  return [
    ...missing.map(([name, file]) => ({
      rule: 'dependency',
      path: file.path,
      line: lineAt(file.text, file.text.indexOf(`"${name}"`)),
      message: `${name} has no line in ${LIST}: what for, and why this one?`,
    })),
    ...stale.map(([name, line]) => ({
      rule: 'dependency',
      path: LIST,
      line,
      message: `${name} is used no more`,
    })),
  ]
}

function dependencyNames(text: string): string[] {
  const json = JSON.parse(text) as Record<string, Record<string, string> | undefined>
  const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
  return groups
    .flatMap((group) => Object.keys(json[group] ?? {}))
    .filter((name) => !name.startsWith(OWN))
}
