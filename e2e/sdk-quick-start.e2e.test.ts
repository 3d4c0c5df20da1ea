// Steps 1 to 8 of the SDK's own README, its code blocks taken from the installed package, with only base URL and token set.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCaller } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'
import { codeBlocks } from './support/readme.ts'
import { createSdkProject, type SdkProject } from './support/sdk-project.ts'

const readme = readFileSync(
  new URL('node_modules/@tinybirdco/sdk/README.md', import.meta.url),
  'utf8',
)
let product: Product
let project: SdkProject

beforeAll(async () => {
  product = await startProduct()
  project = await createSdkProject({})
})

afterAll(async () => {
  project.remove()
  await product.stop()
})

test('the quick start of the SDK works with only base URL and token set', async () => {
  // 1. and 2.
  // Log-in and dev mode are asked for in a browser and a terminal; the rest is `npx tinybird init`.
  const initialised = await project.tinybird(['init', '--skip-login', '--mode', 'branch'])
  expect(initialised, initialised.output).toMatchObject({ code: 0 })
  const config = JSON.parse(project.read('tinybird.config.json')) as Record<string, unknown>
  const include = ['src/tinybird/datasources.ts', 'src/tinybird/pipes.ts']
  project.write(
    'tinybird.config.json',
    JSON.stringify({ ...config, include, baseUrl: product.url }),
  )
  const token = product.tokens.workspace_admin_token
  project.write('.env.local', step(2).replace('p.your_token_here', token))

  // 3. to 6.
  for (const number of [3, 4, 5]) {
    const code = step(number)
    const path = /^\/\/ (\S+\.ts)/.exec(code)?.[1]
    project.write(path ?? '', code)
  }
  project.write('tsconfig.json', step(6))
  await project.git('add', '.')
  await project.git('commit', '-qm', 'Quick start')
  await project.git('checkout', '-qb', 'feature/quick-start')

  // 7.
  const dev = project.startTinybird(step(7).replace('npx tinybird ', '').split(' '))
  try {
    await dev.until(/page_views\.datasource created/)
    await dev.until(/top_pages\.pipe created/)
    await dev.until(/Watching for changes/)
  } finally {
    await dev.end()
  }
  expect(dev.output()).not.toMatch(/ERROR|WARN|failed/)

  // 8.
  project.write('src/use.ts', `${step(8)}\nconsole.log(JSON.stringify(result.data))\n`)
  const used = await project.script('src/use.ts', {
    NODE_ENV: 'development',
    TINYBIRD_URL: product.url,
    TINYBIRD_TOKEN: token,
  })
  expect(used.output.trim()).toBe('[{"pathname":"/home","views":1}]')

  // The feature branch has it; main has not seen a thing.
  const main = createCaller(product.url, token)
  expect((await main.get('/v0/pipes/top_pages.json')).status).toBe(404)
})

/** The code of one step of the README's quick start. */
function step(number: number): string {
  const block = codeBlocks(readme).find(({ heading }) => heading.startsWith(`${number}. `))
  if (!block) throw new Error(`the README has no step ${number}`)
  return block.code
}
