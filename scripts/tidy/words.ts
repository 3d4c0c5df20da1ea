// Words that have no place in the repository: they are true on one machine or for one week only.
import { isCode, lineAt, type Finding, type SourceFile } from './project.ts'

interface Ban {
  readonly rule: string
  readonly pattern: RegExp
  readonly message: string
  readonly applies?: (path: string) => boolean
}

// Put together from pieces, so that this file may hold them.
const any = (...words: readonly (readonly string[])[]): string =>
  words.map((pieces) => pieces.join('')).join('|')

const HOSTS = any(
  ['registry', '.npmjs', '.org'],
  ['registry', '.yarnpkg', '.com'],
  ['registry', '.npmmirror', '.com'],
  ['proxy', '.golang', '.org'],
  ['repo', '1.maven', '.org'],
  ['pypi', '.org'],
)
const MACHINE_PATHS = any(
  ['/wo', 'rk/'],
  ['/tmp', '/lab'],
  ['/root', '/[.a-z]'],
  ['/ho', 'me/[a-z]'],
  ['/Us', 'ers/[a-z]'],
)

const BANS: readonly Ban[] = [
  {
    rule: 'registry-host',
    pattern: new RegExp(HOSTS, 'g'),
    message: "names a package registry: where packages come from is the reader's configuration",
  },
  {
    rule: 'machine-path',
    pattern: new RegExp(`(?<![\\w.~-])(?:${MACHINE_PATHS})`, 'g'),
    message: 'an absolute path of one machine',
  },
  {
    rule: 'machine-path',
    pattern: new RegExp(any(['\\.\\./sha', 'red/'], ['issu', 'es show']), 'g'),
    message: 'a path or tool that only its author has',
  },
  {
    rule: 'fixme',
    pattern: new RegExp(any(['\\bFIX', 'ME\\b']), 'g'),
    message: 'fix it, or write TODO with a link',
  },
  {
    rule: 'todo',
    pattern: new RegExp(any(['\\bTO', 'DO\\b(?!.*https?://)']), 'g'),
    message: 'a note to come back needs a link to where it is tracked',
    applies: isCode,
  },
]

export function bannedWords(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => path !== 'scripts/tidy/words.ts')
    .flatMap(({ path, text }) =>
      BANS.filter((ban) => ban.applies?.(path) ?? true).flatMap((ban) =>
        [...text.matchAll(ban.pattern)].map((match) => ({
          rule: ban.rule,
          path,
          line: lineAt(text, match.index),
          message: `"${match[0]}": ${ban.message}`,
        })),
      ),
    )
}
