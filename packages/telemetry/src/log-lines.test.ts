import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const telemetry = new URL('./telemetry.ts', import.meta.url).href

/** Runs a program that logs, whose standard error nobody reads any more once it has said that it is there. */
async function orphan(code: string): Promise<[number | null, string | null]> {
  const program = `
    import { createLogger } from ${JSON.stringify(telemetry)}
    const logger = createLogger({ service: 'test' })
    process.stdin.once('data', () => { ${code} })
    console.log('there')`
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', program])
  await once(child.stdout, 'data')
  child.stderr.destroy()
  await once(child.stderr, 'close')
  child.stdin.write('go\n')
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  const timer = setTimeout(() => child.kill('SIGKILL'), 4_000)
  const how = await ended
  clearTimeout(timer)
  return how
}

test('a process whose log nobody reads any more ends when it wants to', async () => {
  expect(await orphan("logger.warn('last'); logger.warn('words'); process.exit(7)")).toEqual([
    7,
    null,
  ])
  expect(await orphan("logger.fatal('a bug'); process.exit(1)")).toEqual([1, null])
})

test('lines arrive whole and in order', async () => {
  const program = `
    import { createLogger } from ${JSON.stringify(telemetry)}
    const logger = createLogger({ service: 'test' })
    for (let n = 0; n < 500; n += 1) logger.info({ n, text: 'x'.repeat(1_000) }, 'a line')`
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', program])
  let text = ''
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  await once(child, 'close')
  const numbers = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { n: number }).n)
  expect(numbers).toEqual(Array.from({ length: 500 }, (_, n) => n))
})
