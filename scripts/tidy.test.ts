import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { applyAllowList } from './tidy/allow-list.ts'
import { configDocs, renderConfigDocs } from './tidy/config-docs.ts'
import { configDrift } from './tidy/config-drift.ts'
import { dependencies } from './tidy/dependencies.ts'
import { docstrings } from './tidy/docstrings.ts'
import { deadLinks } from './tidy/markdown.ts'
import { names } from './tidy/names.ts'
import { readProject, type Rule } from './tidy/project.ts'
import { sizes } from './tidy/sizes.ts'
import { bannedWords } from './tidy/words.ts'

const lines = (count: number, line = 'const a = 1'): string => `${line}\n`.repeat(count)
const longFunction = (count: number): string => `function f() {\n${lines(count - 2)}}\n`

/** What a rule says about the files given as path and text. */
function judge(rule: Rule, files: Readonly<Record<string, string>>): string[] {
  const project = Object.entries(files).map(([path, text]) => ({ path, text }))
  return rule(project).map((each) => `${each.path}:${each.line} ${each.rule}`)
}

describe('sizes', () => {
  test('a file over 500 lines is refused, one of 500 is not', () => {
    expect(judge(sizes, { 'a.ts': lines(501) })).toEqual(['a.ts:1 file-size'])
    expect(judge(sizes, { 'a.ts': lines(500) })).toEqual([])
  })

  test('a pure table may be long when its name says so', () => {
    expect(judge(sizes, { 'functions-table.ts': lines(900) })).toEqual([])
  })

  test('ARCHITECTURE.md stays under 200 lines', () => {
    expect(judge(sizes, { 'ARCHITECTURE.md': lines(200, 'x') })).toEqual([
      'ARCHITECTURE.md:1 file-size',
    ])
    expect(judge(sizes, { 'ARCHITECTURE.md': lines(199, 'x') })).toEqual([])
  })

  test('a function over 70 lines is refused, one of 70 is not', () => {
    expect(judge(sizes, { 'a.ts': `\n${longFunction(71)}` })).toEqual(['a.ts:2 function-size'])
    expect(judge(sizes, { 'a.ts': longFunction(70) })).toEqual([])
  })

  test('arrow functions and methods count too; a component has 120 lines', () => {
    const body = lines(80)
    expect(judge(sizes, { 'a.mjs': `const f = () => {\n${body}}` })).toEqual([
      'a.mjs:1 function-size',
    ])
    expect(judge(sizes, { 'a.ts': `class A { m() {\n${body}} }` })).toEqual([
      'a.ts:1 function-size',
    ])
    expect(judge(sizes, { 'a.tsx': `const f = () => {\n${body}}` })).toEqual([])
    expect(judge(sizes, { 'a.tsx': `const f = () => {\n${lines(130)}}` })).toEqual([
      'a.tsx:1 function-size',
    ])
  })

  test('a suite is a list of tests, but one test is a function', () => {
    const suite = `describe('x', () => {\n${lines(100)}})\n`
    expect(judge(sizes, { 'a.test.ts': suite })).toEqual([])
    expect(judge(sizes, { 'a.ts': suite })).toEqual(['a.ts:1 function-size'])
    expect(judge(sizes, { 'a.test.ts': suite.replace('describe', 'test') })).toEqual([
      'a.test.ts:1 function-size',
    ])
  })
})

describe('docstrings', () => {
  const entry = 'packages/log/src/log.ts'

  test('an undocumented export of a package is found through its entry', () => {
    const files = {
      [entry]: "export * from './append.ts'\nexport { b as c } from './more.ts'",
      'packages/log/src/append.ts': 'export function append() {}\n/** Ok. */\nexport const x = 1',
      'packages/log/src/more.ts': 'export const b = 1\nexport const inner = 2',
    }
    expect(judge(docstrings, files)).toEqual([
      'packages/log/src/append.ts:1 docstring',
      'packages/log/src/more.ts:1 docstring',
    ])
  })

  test('interfaces, types and classes of the entry itself count', () => {
    const text = 'export interface A {}\nexport type B = 1\nexport class C {}\nclass D {}'
    expect(judge(docstrings, { [entry]: text })).toHaveLength(3)
  })

  test('a line comment is no docstring', () => {
    expect(judge(docstrings, { [entry]: '// Says much.\nexport const a = 1' })).toHaveLength(1)
  })

  test('what no entry exports needs none', () => {
    expect(judge(docstrings, { 'packages/log/src/inner.ts': 'export const a = 1' })).toEqual([])
  })

  test('one docstring serves all overloads', () => {
    const text =
      '/** F. */\nexport function f(a: 1): void\nexport function f(a: 2): void\nexport function f() {}'
    expect(judge(docstrings, { [entry]: text })).toEqual([])
  })
})

describe('dead links', () => {
  test('a link to a missing file or heading is found', () => {
    const files = {
      'README.md': '# A\n[x](docs/no.md) [y](docs/b.md#gone)',
      'docs/b.md': '# Here it is\n[up](../README.md#a) [here](#here-it-is) [folder](../docs)',
    }
    expect(judge(deadLinks, files)).toEqual(['README.md:2 dead-link', 'README.md:2 dead-link'])
  })

  test('links in code and on the web are not followed', () => {
    const text = '```md\n[x](no.md)\n```\n[web](https://example.com/x)'
    expect(judge(deadLinks, { 'README.md': text })).toEqual([])
  })
})

describe('banned words', () => {
  const found = (text: string, path = 'docs/a.md'): string[] => judge(bannedWords, { [path]: text })

  test('registry hosts are refused', () => {
    expect(found(`https://${['registry', 'npmjs', 'org'].join('.')}/x`)).toEqual([
      'docs/a.md:1 registry-host',
    ])
  })

  test('absolute paths of one machine are refused', () => {
    const paths = [
      ['', 'home', 'ada', 'x'],
      ['', 'Users', 'ada'],
      ['', 'work', 'main'],
      ['', 'root', '.cache'],
    ]
    for (const path of paths) {
      expect(found(`see ${path.join('/')}`)).toEqual(['docs/a.md:1 machine-path'])
    }
    expect(
      found('GET /v0/home/x, `~/work/x`, a parent such as /root, (https://x.org/home/a)'),
    ).toEqual([])
  })

  test('paths and tools that only the author has are refused', () => {
    expect(found(['..', 'shared', 'x'].join('/'))).toEqual(['docs/a.md:1 machine-path'])
    expect(found(['issues', 'show', '2'].join(' '))).toEqual(['docs/a.md:1 machine-path'])
  })

  test('notes to come back are refused, unless they link to where they are tracked', () => {
    expect(found(['FIX', 'ME'].join(''))).toEqual(['docs/a.md:1 fixme'])
    const todo = ['TO', 'DO'].join('')
    expect(found(`\n// ${todo} later`, 'a.ts')).toEqual(['a.ts:2 todo'])
    expect(found(`// ${todo} https://example.com/1`, 'a.ts')).toEqual([])
  })
})

describe('names', () => {
  test('files and folders are kebab-case', () => {
    expect(judge(names, { 'src/readBody.ts': '' })).toEqual(['src/readBody.ts:1 kebab-case'])
    expect(judge(names, { 'Src/read-body.ts': '' })).toEqual(['Src/read-body.ts:1 kebab-case'])
    const fine = ['src/read-body.integration.test.ts', 'README.md', '.dependency-cruiser.mjs']
    for (const path of fine) expect(judge(names, { [path]: '' })).toEqual([])
  })

  test('resources keep their names and migrations their numbers', () => {
    expect(judge(names, { 'pipes/top_pages.pipe': '', 'sql/0001_first_tables.sql': '' })).toEqual(
      [],
    )
  })

  test('drawers are refused', () => {
    expect(judge(names, { 'src/utils/a.ts': '' })).toEqual(['src/utils/a.ts:1 drawer'])
    expect(judge(names, { 'src/helpers.ts': '' })).toEqual(['src/helpers.ts:1 drawer'])
  })
})

describe('dependencies', () => {
  const manifest = '{"dependencies":{"@sandpiper/a":"1","pg":"1"},\n"devDependencies":{"knip":"1"}}'

  test('a dependency without a line in the list is found', () => {
    const files = { 'x/package.json': manifest, 'docs/dependencies.md': '| `pg` | rows | fits |' }
    expect(judge(dependencies, files)).toEqual(['x/package.json:2 dependency'])
  })

  test('a line for a dependency that is gone is found', () => {
    const list = '| `pg` | |\n| `knip` | |\n| `left-pad` | |'
    const files = { 'package.json': manifest, 'docs/dependencies.md': list }
    expect(judge(dependencies, files)).toEqual(['docs/dependencies.md:3 dependency'])
  })
})

describe('configuration', () => {
  const code = "const port = env['SANDPIPER_PORT']"

  test('a variable that is read but not documented is found, and the reverse', () => {
    const files = {
      'services/x/src/config.ts': code,
      'docs/config.md': '| `SANDPIPER_HOST` | x |',
    }
    expect(judge(configDrift, files)).toEqual([
      'services/x/src/config.ts:1 config-drift',
      'docs/config.md:1 config-drift',
    ])
  })

  test('documented and read is fine', () => {
    const files = { 'scripts/start.mjs': code, 'docs/config.md': '| `SANDPIPER_PORT` | x |' }
    expect(judge(configDrift, files)).toEqual([])
  })
})

describe('docs/config.md', () => {
  const schema = (fallback: string): string =>
    `const schema = z.object({\n/** Port to listen on. */\nSANDPIPER_PORT: z.number().default(${fallback}),\nSANDPIPER_KEY: text.optional() })`
  const path = 'services/sandpiper/src/config.ts'

  test('is written from the schemas: names, defaults and meanings', () => {
    const page = renderConfigDocs([{ path, text: schema('7181') }])
    expect(page).toContain('| `SANDPIPER_PORT` | `7181` | Port to listen on. |')
    expect(page).toContain('| `SANDPIPER_KEY` | not set |  |')
  })

  test('a page that says something else is found', () => {
    const page = renderConfigDocs([{ path, text: schema('7181') }])
    expect(judge(configDocs, { [path]: schema('7181'), 'docs/config.md': page })).toEqual([])
    expect(judge(configDocs, { [path]: schema('9000'), 'docs/config.md': page })).toEqual([
      'docs/config.md:1 config-docs',
    ])
  })
})

describe('the allow-list', () => {
  const finding = { rule: 'file-size', path: 'a.ts', line: 1, message: '' }
  const entry = { rule: 'file-size', path: 'a.ts', reason: 'a table' }

  test('an entry takes its finding away', () => {
    expect(applyAllowList([finding], [entry], 1)).toEqual([])
  })

  test('an entry for something already fixed is a finding', () => {
    expect(applyAllowList([], [entry], 1)).toHaveLength(1)
  })

  test('it may not grow', () => {
    expect(applyAllowList([finding], [entry], 0)).toHaveLength(1)
  })
})

test('the project reader sees this file and leaves installed packages alone', () => {
  const paths = readProject(fileURLToPath(new URL('..', import.meta.url))).map(({ path }) => path)
  expect(paths).toContain('scripts/tidy.test.ts')
  expect(paths.filter((path) => path.includes('node_modules'))).toEqual([])
})
