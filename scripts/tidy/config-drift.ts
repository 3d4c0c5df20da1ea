import { isCode, isTest, lineAt, type Finding, type SourceFile } from './project.ts'

const DOCS = 'docs/config.md'
const VARIABLE = /\b(?:SANDPIPER_[A-Z0-9_]+|DATABASE_URL|REDIS_URL|KAFKA_BROKERS)\b/g

/** docs/config.md names exactly the environment variables that config.ts files and the start scripts read. */
export function configDrift(files: readonly SourceFile[]): Finding[] {
  const docs = files.find(({ path }) => path === DOCS)?.text ?? ''
  const documented = new Map(
    [...docs.matchAll(/^\|\s*`([A-Z0-9_]+)`/gm)].map((match) => [
      match[1] ?? '',
      lineAt(docs, match.index),
    ]),
  )
  const read = new Map<string, { path: string; line: number }>()
  for (const { path, text } of files.filter((file) => readsEnvironment(file.path))) {
    for (const match of text.matchAll(VARIABLE)) {
      read.set(match[0], { path, line: lineAt(text, match.index) })
    }
  }
  const missing = [...read].filter(([name]) => !documented.has(name))
  const stale = [...documented].filter(([name]) => name.match(VARIABLE) && !read.has(name))
  return [
    ...missing.map(([name, at]) => ({
      rule: 'config-drift',
      ...at,
      message: `${name} is not in ${DOCS}`,
    })),
    ...stale.map(([name, line]) => ({
      rule: 'config-drift',
      path: DOCS,
      line,
      message: `nothing reads ${name}`,
    })),
  ]
}

function readsEnvironment(path: string): boolean {
  if (!isCode(path) || isTest(path)) return false
  return /(^|\/)config\.ts$/.test(path) || /^(scripts|bench|examples)\/(?!tidy)/.test(path)
}
