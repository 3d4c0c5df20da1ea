import { existsSync, writeFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Document, isSeq } from 'yaml'
import type { CliCall } from '../cli-call.ts'
import { CliError, usageError } from '../cli-error.ts'
import type { Client } from '../client.ts'
import { pairs, type CommandSpec, type Options } from '../command-spec.ts'
import { inIsolation } from '../pipe-tests/isolated-workspace.ts'
import { junitXml } from '../pipe-tests/junit.ts'
import { callEndpoint, runTest, type TestResult } from '../pipe-tests/run-test.ts'
import { showResults } from '../pipe-tests/show-results.ts'
import { expectIn, printTestFile, readTestFile, readTestFiles } from '../pipe-tests/test-file.ts'
import { PROJECT_OPTION } from '../project.ts'
import { showLine } from '../show.ts'

export const testRun: CommandSpec = {
  usage: 'test run [files...]',
  about: 'run tests/*.yaml over fixtures/ in a branch of their own, which is removed again',
  options: [
    PROJECT_OPTION,
    ['--update', 'write what was answered into the tests that failed'],
    ['--junit <file>', 'also write the results as JUnit XML'],
    ['--concurrency <n>', 'tests under way at once', '8'],
  ],
  examples: ['test run', 'test run tests/top_pages.yaml --update', 'test run --junit results.xml'],
  run: (call, files, options) => runFiles(call, files, options, options.isOn('update')),
}

export const testUpdate: CommandSpec = {
  usage: 'test update [files...]',
  about: 'write what endpoints answer now into the tests that fail: test run --update',
  options: (testRun.options ?? []).filter(([flags]) => flags !== '--update'),
  examples: ['test update tests/top_pages.yaml'],
  run: (call, files, options) => runFiles(call, files, options, true),
}

export const testCreate: CommandSpec = {
  usage: 'test create <pipe>',
  about: 'begin or extend tests/<pipe>.yaml by what the endpoint answers now over the fixtures',
  options: [
    PROJECT_OPTION,
    ['--name <name>', 'name of the test', 'first'],
    ['--param <name=value...>', 'parameters of the endpoint'],
  ],
  examples: ['test create top_pages', 'test create top_pages --name two --param limit=2'],
  async run(call, [pipe = ''], options) {
    if (!/^\w[\w-]*$/.test(pipe)) throw usageError(`'${pipe}' is no name of a pipe.`)
    const folder = options.text('project') ?? '.'
    const path = join(folder, 'tests', `${pipe}.yaml`)
    const name = options.text('name') ?? ''
    const document = existsSync(path) ? readTestFile(path).document : new Document([])
    if (existsSync(path) && readTestFile(path).tests.some((each) => each.name === name))
      throw usageError(`${path} has a test ${name} already: give another --name.`)
    const parameters = new URLSearchParams(pairs('param', options.list('param'))).toString()
    const actual = await inIsolation(call, folder, (client) =>
      callEndpoint(client, pipe, { parameters }),
    )
    if (actual.status === 404)
      throw new CliError(
        `the project has no endpoint '${pipe}': give the name of a pipe with TYPE endpoint, as endpoint ls shows them.`,
      )
    const node = document.createNode({ name, description: '', parameters })
    expectIn(node, actual)
    if (isSeq(document.contents)) document.contents.add(node)
    else document.contents = document.createNode([node])
    mkdirSync(join(folder, 'tests'), { recursive: true })
    writeFileSync(path, printTestFile(document))
    showLine(call, { path, name, ...actual }, `${path} has the test ${name}. Read what it expects.`)
  },
}

async function runFiles(
  call: CliCall,
  named: readonly string[],
  options: Options,
  isUpdate: boolean,
): Promise<void> {
  const folder = options.text('project') ?? '.'
  const concurrency = options.count('concurrency', 1)
  const files = readTestFiles(folder, named)
  const cases = files.flatMap((file) => file.tests.map((test) => ({ file, test })))
  if (cases.length === 0)
    throw usageError(
      `there are no tests in ${join(folder, 'tests')}. Write one: sandpiper test create <pipe>.`,
    )
  const { now } = call.world
  const beganMs = now()
  const results = await inIsolation(call, folder, (client: Client) =>
    atOnce(concurrency, cases, (each) => runTest(client, now, each)),
  )
  const junit = options.text('junit')
  if (junit !== undefined) {
    mkdirSync(dirname(junit), { recursive: true })
    writeFileSync(junit, junitXml(results))
  }
  const failed = results.filter(({ failure }) => failure !== null)
  if (isUpdate) update(failed)
  showResults(call, results, { ms: now() - beganMs, isUpdate })
  if (failed.length > 0 && !isUpdate)
    throw new CliError(
      `${failed.length} of ${results.length} tests failed. Where the new answers are right: sandpiper test run --update.`,
    )
}

function update(failed: readonly TestResult[]): void {
  for (const { test, actual } of failed) expectIn(test.node, actual)
  for (const file of new Set(failed.map((each) => each.file)))
    writeFileSync(file.path, printTestFile(file.document))
}

/** In the order of the items, so many at once. */
async function atOnce<Item, Value>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = []
  const left = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) values[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker))
  return values
}
