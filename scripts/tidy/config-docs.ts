// docs/config.md is written from the schemas in the config.ts files, so that it cannot say anything else.
import ts from 'typescript'
import type { Finding, SourceFile } from './project.ts'

const DOCS = 'docs/config.md'

const SECTIONS = [
  {
    path: 'services/sandpiper/src/config.ts',
    title: '## The server',
    about: 'What `npm start` reads.',
  },
  {
    path: 'services/engine/src/config.ts',
    title: '## The engine process',
    about: 'Set by the server for its child; of use only when you start `services/engine` by hand.',
  },
  {
    path: 'services/writer/src/config.ts',
    title: '## The writer process',
    about:
      'Set by the server for its child, or by you where the event log is Kafka and writers run by themselves.',
  },
  {
    path: 'services/ingest/src/config.ts',
    title: '## A gateway',
    about:
      'What `services/ingest` reads where the event log is Kafka and gateways run by themselves.',
  },
] as const

const HEAD = `# Configuration

Everything is read from the environment, once, at start. Nothing is required: the defaults run everything embedded on one machine.
A wrong value stops the start with one line that names every variable that is wrong. This page is written from the schemas in the code
by \`npx tsx scripts/write-config-docs.ts\`.
`

const CLIENTS = `## Clients

| variable | default | meaning |
| --- | --- | --- |
| \`SANDPIPER_URL\` | \`http://127.0.0.1:7181\` | Server that the \`sandpiper\` command and \`npm run demo\` talk to; server that the attack suite attacks (default there: one of its own). |
| \`SANDPIPER_TOKEN\` | not set | Token of the \`sandpiper\` command; without one, that of the login; a server on the same machine is asked for its own. |
| \`SANDPIPER_FROM_TOKEN\` | not set | Token of the server that \`sandpiper migrate\` copies from, when it is not given as \`--token\`. |
| \`SANDPIPER_CREDENTIALS\` | \`~/.config/sandpiper/credentials.json\` | Where \`sandpiper login\` keeps tokens; below \`XDG_CONFIG_HOME\` when that is set. |
| \`SANDPIPER_ADMIN_TOKEN\` | not set | Token with ADMIN_USER of the server that is attacked. |
`

interface Variable {
  readonly name: string
  readonly default: string
  readonly meaning: string
}

/** The page as it must be. */
export function renderConfigDocs(files: readonly SourceFile[]): string {
  const sections = SECTIONS.flatMap(({ path, title, about }) => {
    const file = files.find((each) => each.path === path)
    return file ? [`${title}\n\n${about}\n\n${table(variablesOf(file))}`] : []
  })
  return [HEAD, ...sections, CLIENTS].join('\n')
}

/** docs/config.md says what the schemas say. */
export function configDocs(files: readonly SourceFile[]): Finding[] {
  const wanted = renderConfigDocs(files)
  if (files.find(({ path }) => path === DOCS)?.text === wanted) return []
  const message = 'differs from the config.ts files: run npx tsx scripts/write-config-docs.ts'
  return [{ rule: 'config-docs', path: DOCS, line: 1, message }]
}

function table(variables: readonly Variable[]): string {
  const rows = variables.map((each) => `| \`${each.name}\` | ${each.default} | ${each.meaning} |\n`)
  return `| variable | default | meaning |\n| --- | --- | --- |\n${rows.join('')}`
}

function variablesOf({ path, text }: SourceFile): Variable[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Variable[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && isOfSchema(node)) {
      found.push({
        name: node.name.getText(),
        default: defaultOf(node.initializer),
        meaning: docOf(node).replaceAll('|', '\\|'),
      })
    } else ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isOfSchema(node: ts.PropertyAssignment): boolean {
  const call = node.parent.parent
  return ts.isCallExpression(call) && call.expression.getText() === 'z.object'
}

/** The argument of `.default(...)`, or the first of the file's own `count(...)`. */
function defaultOf(schema: ts.Expression): string {
  let at: ts.Node = schema
  while (ts.isCallExpression(at)) {
    const callee: ts.Expression = at.expression
    const [argument] = at.arguments
    if (ts.isIdentifier(callee)) return argument ? valueOf(argument.getText()) : 'required'
    if (!ts.isPropertyAccessExpression(callee)) break
    if (callee.name.text === 'default') return argument ? valueOf(argument.getText()) : ''
    if (callee.name.text === 'optional') return 'not set'
    at = callee.expression
  }
  return 'required'
}

function valueOf(expression: string): string {
  const quoted = /^'(.*)'$/.exec(expression)?.[1]
  if (quoted !== undefined) return `\`${quoted}\``
  const plain = expression.replaceAll('_', '').replaceAll('GIB', '1073741824')
  const factors = plain.split('*').map((factor) => Number(factor.trim()))
  const product = factors.reduce((all, factor) => all * factor, 1)
  return Number.isNaN(product) ? 'by machine' : `\`${product}\``
}

function docOf(node: ts.Node): string {
  const docs = ts.getJSDocCommentsAndTags(node).map((doc) => doc.getText())
  return docs
    .join(' ')
    .replaceAll(/\/\*\*|\*\/|^\s*\*/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
