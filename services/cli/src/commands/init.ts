import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { showTable } from '../show.ts'

const FILES: Readonly<Record<string, string>> = {
  'datasources/page_views.datasource': `DESCRIPTION Who looked at which page

SCHEMA >
    \`at\` DateTime \`json:$.at\`,
    \`path\` String \`json:$.path\`,
    \`visitor\` String \`json:$.visitor\`

ENGINE "MergeTree"
ENGINE_PARTITION_KEY "toYYYYMM(at)"
ENGINE_SORTING_KEY "path, at"

TOKEN "tracker" APPEND
`,
  'endpoints/top_pages.pipe': `DESCRIPTION The pages that were looked at most

TOKEN "dashboard" READ

NODE ranked
SQL >
    %
    SELECT path, count() AS hits, uniq(visitor) AS visitors
    FROM page_views
    WHERE at >= {{ DateTime(since, '2000-01-01 00:00:00') }}
    GROUP BY path
    ORDER BY hits DESC, path
    LIMIT {{ Int32(limit, 10) }}

TYPE endpoint
`,
  'fixtures/page_views.ndjson': `{"at":"2026-01-15 10:00:00","path":"/","visitor":"a"}
{"at":"2026-01-15 10:00:05","path":"/docs","visitor":"a"}
{"at":"2026-01-15 10:01:00","path":"/","visitor":"b"}
`,
  'tests/top_pages.yaml': `- name: all_pages
  description: Pages by their hits
  parameters: ''
  expected_result: |
    {"path":"/","hits":2,"visitors":2}
    {"path":"/docs","hits":1,"visitors":1}

- name: one_page
  description: No more than asked for
  parameters: limit=1
  expected_result: |
    {"path":"/","hits":2,"visitors":2}
`,
}

export const init: CommandSpec = {
  usage: 'init [folder]',
  about: 'write a small project: a data source, an endpoint, a fixture and its tests',
  examples: ['init', 'init my_project'],
  async run(call, [given = '']) {
    const folder = resolve(given || '.')
    const inTheWay = Object.keys(FILES).filter((path) => existsSync(join(folder, path)))
    if (inTheWay.length > 0)
      throw usageError(`nothing was written: ${inTheWay.join(', ')} is there already in ${folder}.`)
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const paths = Object.keys(FILES)
    const rows = paths.map((path) => [join(given, path)])
    showTable(call, { folder, files: paths }, { headings: ['FILE'], rows, empty: '' })
    if (!call.isJson) call.world.out('\nNext: sandpiper test run, then sandpiper deploy.\n')
    return Promise.resolve()
  },
}
