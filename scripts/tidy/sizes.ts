// Files and functions one can hold in the head. Pure tables may be long when their name says `-table`.
import ts from 'typescript'
import { isCode, isTest, type Finding, type SourceFile } from './project.ts'

const FILE_LINES_MAX = 500
const FUNCTION_LINES_MAX = 70
const JSX_FUNCTION_LINES_MAX = 120
const ARCHITECTURE_LINES_MAX = 199

export function sizes(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => [...fileSize(file), ...functionSizes(file)])
}

function fileSize({ path, text }: SourceFile): Finding[] {
  const limited = (isCode(path) || path.endsWith('.sql')) && !/-table\.tsx?$/.test(path)
  const max = path === 'ARCHITECTURE.md' ? ARCHITECTURE_LINES_MAX : limited ? FILE_LINES_MAX : null
  const lines = text.trimEnd().split('\n').length
  if (max === null || lines <= max) return []
  return [
    {
      rule: 'file-size',
      path,
      line: 1,
      message: `${lines} lines, at most ${max}: it is two things`,
    },
  ]
}

function functionSizes({ path, text }: SourceFile): Finding[] {
  if (!isCode(path)) return []
  const found: Finding[] = []
  const max = path.endsWith('.tsx') ? JSX_FUNCTION_LINES_MAX : FUNCTION_LINES_MAX
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body && !isSuite(path, node)) {
      const first = lineOf(source, node.getStart(source))
      const lines = lineOf(source, node.getEnd()) - first + 1
      if (lines > max) {
        const message = `function of ${lines} lines, at most ${max}: name its parts`
        found.push({ rule: 'function-size', path, line: first, message })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The body of describe(...) is a list of tests, not a function one has to understand at once. */
function isSuite(path: string, node: ts.Node): boolean {
  const call = node.parent
  return isTest(path) && ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText())
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1
}
