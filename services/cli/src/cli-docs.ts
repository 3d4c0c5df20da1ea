// docs/guides/cli.md: what the program's own help says, as a page.
import { COMMANDS, GROUPS } from './all-commands.ts'
import type { CommandSpec } from './command-spec.ts'

const FENCE = '```'

const HEAD = `# The command line

\`sandpiper\` talks to a server over its HTTP API. In a checkout it is \`npx sandpiper\` (or \`npm run -s sandpiper --\`), after \`npm start\` or
\`npm install\`; below it stands as \`sandpiper\`. This page is written by \`npx tsx scripts/write-cli-docs.ts\` from the program's own help.

- **Which server**: \`--host\`, else \`SANDPIPER_URL\`, else where you logged in last, else \`http://127.0.0.1:7181\`.
- **Which token**: \`--token\`, else \`SANDPIPER_TOKEN\`, else that of \`sandpiper login\` for this very server. A server on the same machine is asked for
  its own. Logins are kept in \`~/.config/sandpiper/credentials.json\`, which only you can read.
- **\`--json\`** prints the answer as JSON with every command. Progress and errors go to standard error.
- **Exit codes**: 0 done, 1 failed, 2 typed wrongly, 130 interrupted.

## A project in five lines

${FENCE}bash test
export SANDPIPER_URL=http://127.0.0.1:7181
sandpiper init shop > written.txt
cd shop
sandpiper test run
${FENCE}

${FENCE}text output
tests/top_pages.yaml
  ok    all_pages (...)
  ok    one_page (...)
2 passed, 0 failed, ... s
${FENCE}

${FENCE}bash test
sandpiper deploy
sandpiper datasource append page_views fixtures/page_views.ndjson > appended.txt
sandpiper endpoint data top_pages --param limit=1
${FENCE}

${FENCE}text output
new      datasource page_views
new      pipe top_pages
deployment 1 is live
path  hits  visitors
/     2     2
${FENCE}

## Tests

\`tests/<pipe>.yaml\` lists calls of an endpoint and what it must answer; \`fixtures/<data source>.ndjson\`, \`.csv\` or \`.sql\` (a SELECT) are the rows it
answers from. \`sandpiper test run\` makes a branch, builds the project into it, loads the fixtures, runs all tests at once, and removes
the branch, however it ends. The workspace itself is not touched. It needs an admin token of a main workspace.

${FENCE}yaml
- name: one_page
  description: No more than asked for
  parameters: limit=1
  expected_result: |
    {"path":"/","hits":2,"visitors":2}

- name: no_number
  parameters: limit=many
  expected_http_status: 400
  expected_result: ''
${FENCE}

Rows are compared as values and in their order; numbers keep every digit. Of an answer that is no 200 its \`{"error"}\` is compared, when
\`expected_result\` holds one. \`--update\` writes what was answered into the tests that failed and keeps everything else of the file, comments too;
\`--junit results.xml\` is for build servers. \`sandpiper test create <pipe>\` writes a first test from what the endpoint answers now.

${FENCE}bash test
sandpiper test create top_pages --name two --param limit=2 since=2026-01-15
sandpiper test run --json | node -p 'const r = JSON.parse(fs.readFileSync(0)); [r.passed, r.failed].join()'
${FENCE}

${FENCE}text output
tests/top_pages.yaml has the test two. Read what it expects.
3,0
${FENCE}
`

/** The whole page. */
export function cliDocs(): string {
  const groups = [...new Set(COMMANDS.map(groupOf))]
  const sections = groups.map((group) => {
    const commands = COMMANDS.filter((each) => groupOf(each) === group)
    const title = group === '' ? 'Commands' : group
    const about = group === '' ? '' : `\nAbout ${GROUPS[group] ?? ''}.\n`
    return `\n## ${title}\n${about}\n${commands.map(commandSection).join('\n')}`
  })
  return HEAD + sections.join('')
}

function groupOf({ usage }: CommandSpec): string {
  const [first = ''] = usage.split(' ')
  return GROUPS[first] === undefined ? '' : first
}

function commandSection({ usage, about, options, examples }: CommandSpec): string {
  const rows = (options ?? []).map(([flags, text, initial]) => {
    const shown = initial === undefined ? '' : `; default \`${initial}\``
    return `| \`${cell(flags)}\` | ${cell(text)}${shown} |\n`
  })
  const table =
    rows.length === 0 ? '' : `\n| option | what it does |\n| --- | --- |\n${rows.join('')}`
  const lines = examples.map((each) => `sandpiper ${each}\n`).join('')
  return `### \`sandpiper ${usage}\`\n\n${sentence(about)}\n${table}\n${FENCE}sh\n${lines}${FENCE}\n`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`)
}
