import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

/** One file of the repository; `path` is relative to its root, with forward slashes. Of a picture only the name is known. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Something a rule does not like. `key` names it in the allow-list: stable when lines move. */
export interface Finding {
  readonly rule: string
  readonly path: string
  readonly line: number
  readonly message: string
}

export type Rule = (files: readonly SourceFile[]) => Finding[]

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.git', '.sandpiper', 'coverage'])
const SKIPPED_FILES = new Set(['pnpm-lock.yaml'])
const TEXT = new Set(
  '.ts .tsx .mjs .js .json .md .sql .yaml .yml .css .html .sh .datasource .pipe .connection'.split(
    ' ',
  ),
)
const TEXT_NAMES = new Set(['.npmrc', '.gitignore', '.prettierignore', 'LICENSE', 'run'])

/** Reads every text file below `root` that belongs to the repository, and finds its pictures. */
export function readProject(root: string): SourceFile[] {
  const files: SourceFile[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) visit(path)
      const isPicture = extname(entry.name) === '.png'
      if (entry.isFile() && (isPicture || isText(entry.name))) {
        const name = relative(root, path).split(sep).join('/')
        files.push({ path: name, text: isPicture ? '' : readFileSync(path, 'utf8') })
      }
    }
  }
  visit(root)
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** TypeScript and JavaScript sources. */
export function isCode(path: string): boolean {
  return /\.(ts|tsx|mjs)$/.test(path)
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path)
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function isText(name: string): boolean {
  return !SKIPPED_FILES.has(name) && (TEXT.has(extname(name)) || TEXT_NAMES.has(name))
}
