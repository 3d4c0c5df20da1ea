// A link that leads nowhere is worse than none. Only links inside the repository are checked; tests need no network.
import { posix } from 'node:path'
import { lineAt, type Finding, type SourceFile } from './project.ts'

const LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g
const FENCED = /^(```|~~~)[\s\S]*?^\1/gm

export function deadLinks(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file.text]))
  return files.filter(({ path }) => path.endsWith('.md')).flatMap((file) => linksOf(file, byPath))
}

function linksOf({ path, text }: SourceFile, files: ReadonlyMap<string, string>): Finding[] {
  // Code shows links of its own; blank it, keeping the line numbers.
  const prose = text.replaceAll(FENCED, (code) => code.replaceAll(/[^\n]/g, ' '))
  return [...prose.matchAll(LINK)].flatMap((match) => {
    const link = match[1] ?? ''
    const problem = problemOf(path, link, files)
    if (problem === null) return []
    return [
      { rule: 'dead-link', path, line: lineAt(prose, match.index), message: `${link}: ${problem}` },
    ]
  })
}

function problemOf(from: string, link: string, files: ReadonlyMap<string, string>): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return null
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? from : posix.join(posix.dirname(from), decodeURI(file))
  const folder = target.endsWith('/') ? target : `${target}/`
  const text = files.get(target)
  if (text === undefined) {
    const isFolder = [...files.keys()].some((each) => each.startsWith(folder))
    return isFolder ? null : 'no such file'
  }
  if (anchor === undefined || !target.endsWith('.md')) return null
  return headings(text).has(anchor) ? null : 'no such heading'
}

function headings(text: string): Set<string> {
  const titles = text.replaceAll(FENCED, '').matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)
  return new Set([...titles].map((match) => slug(match[1] ?? '')))
}

function slug(title: string): string {
  const plain = title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
  return plain.trim().replaceAll(/\s/g, '-')
}
