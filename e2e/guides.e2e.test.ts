// What the guides tell their readers to type is typed here, in order, on a fresh workspace, and must answer as they say.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startKafka, type TestKafka } from '@sandpiper/testkit'
import kafkajs from 'kafkajs'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { startProduct, type Product } from './support/product.ts'
import { codeBlocks, type CodeBlock } from './support/readme.ts'
import { run } from './support/run.ts'

const GUIDES = new URL('../docs/guides/', import.meta.url)
/** What guides call a broker with a topic of three records. */
const BROKER = 'localhost:9092'
const MARKER = '@@ end of block'

let product: Product
let folder: string
let kafka: TestKafka | null = null

beforeEach(async () => {
  product = await startProduct(undefined, { SANDPIPER_CONNECTION_PRIVATE_HOSTS: '127.0.0.1' })
  folder = mkdtempSync(join(tmpdir(), 'guide-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await product.stop()
})

afterAll(async () => kafka?.stop())

test.each(readdirSync(GUIDES))('docs/guides/%s does what it says', async (guide) => {
  const written = readFileSync(new URL(guide, GUIDES), 'utf8')
  const text = written.includes(BROKER)
    ? written.replaceAll(BROKER, await brokerWithClicks())
    : written
  const blocks = codeBlocks(text)
  const shell = blocks.filter(({ marks }) => marks.includes('test') && fileOf(marks) === null)
  expect(shell.length).toBeGreaterThan(0)
  for (const { marks, code } of blocks) {
    const file = fileOf(marks)
    if (file === null) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${code}\n`)
  }
  const script = shell.map(({ code }) => `${code}\necho; echo '${MARKER}'\n`).join('')
  const typed = script.replaceAll('http://127.0.0.1:7181', product.url)
  const { code, output } = await run({
    command: 'bash',
    args: ['-euo', 'pipefail', '-c', typed],
    cwd: folder,
    env: { PATH: pathWithCommands() },
  })
  expect(code, output).toBe(0)

  const outputs = output.split(MARKER)
  for (const [index, block] of shell.entries()) {
    const next = blocks[blocks.indexOf(block) + 1]
    if (!next?.marks.includes('output')) continue
    const answer = withoutBlankLines(outputs[index] ?? '')
    expect(answer, `line ${block.line}`).toMatch(pattern(next))
  }
})

/** @returns its address. */
async function brokerWithClicks(): Promise<string> {
  kafka ??= await startKafka()
  const client = new kafkajs.Kafka({
    brokers: [kafka.bootstrap],
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'clicks', numPartitions: 1 }] })
  await admin.disconnect()
  const producer = client.producer()
  await producer.connect()
  const messages = [
    { key: 'anna', value: '{"page":"/home","ms":12}' },
    { key: 'anna', value: '{"page":"/home","ms":"soon"}' },
    { key: 'ben', value: '{"page":"/cart","ms":7}' },
  ]
  await producer.send({ topic: 'clicks', messages })
  await producer.disconnect()
  return kafka.bootstrap
}

/** The search path with the commands of the checkout, and a stand-in for curl at its end on machines that have none. */
function pathWithCommands(): string {
  const commands = fileURLToPath(new URL('../node_modules/.bin', import.meta.url))
  const path = `${commands}${delimiter}${process.env['PATH'] ?? ''}`
  if (path.split(delimiter).some((each) => existsSync(join(each, 'curl')))) return path
  const bin = join(folder, '.bin')
  mkdirSync(bin)
  symlinkSync(fileURLToPath(new URL('support/curl.mjs', import.meta.url)), join(bin, 'curl'))
  return `${path}${delimiter}${bin}`
}

function fileOf(marks: readonly string[]): string | null {
  return marks.find((mark) => mark.startsWith('file='))?.slice('file='.length) ?? null
}

/** The block as a pattern: `...` stands for anything. */
function pattern({ code }: CodeBlock): RegExp {
  const parts = withoutBlankLines(code)
    .split('...')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`)
}

function withoutBlankLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.join('\n')
}
