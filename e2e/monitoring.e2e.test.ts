// Alerts and dashboards are files of infra/: a real Prometheus reads them and a real server.
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { eventually } from './support/eventually.ts'
import { createCaller, deployProject } from './support/http.ts'
import { promtool, startPrometheus, type Prometheus } from './support/prometheus.ts'

const PROJECT = {
  'visits.datasource': 'SCHEMA >\n    `page` String `json:$.page`\n\nENGINE "MergeTree"\n',
  'pages.pipe':
    'NODE n\nSQL >\n    SELECT page, count() AS hits FROM visits GROUP BY page\n\nTYPE endpoint\n',
}

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

let product: RunningSandpiper
let prometheus: Prometheus

beforeAll(async () => {
  product = await startSandpiper({ bundled: true })
  prometheus = await startPrometheus(new URL(product.url).host)
})
afterAll(async () => {
  await prometheus.stop()
  await product.stop()
})

it('the rules of the alerts are sound, and each that pages fires when it must and not before', () => {
  expect(promtool('check', 'config', 'prometheus.yml')).toMatch(/rules found/)
  promtool('test', 'rules', 'alerts.test.yml')
})

it('each panel of the dashboard shows something of a server at work, and no alert fires', async () => {
  const caller = createCaller(product.url, product.tokens.workspace_admin_token)
  await deployProject(caller, PROJECT)
  // Counters become rates when they grew between two looks.
  const work = async (): Promise<void> => {
    await caller.post('/v0/events?name=visits&wait=true', '{"page":"/"}\n{"page":7}\n')
    await caller.post('/v0/events?name=none', '{}')
    await caller.get('/v0/pipes/pages.json')
  }
  const lacking = await eventually(
    async () => {
      await work()
      return panelsWithoutSamples()
    },
    (titles) => titles.length === 0,
  )
  expect(lacking).toEqual([])
  const rules = (await prometheus.ask('rules')) as {
    readonly groups: readonly { readonly rules: readonly { name: string; state: string }[] }[]
  }
  const states = rules.groups.flatMap(({ rules: all }) => all.map(({ state }) => state))
  expect(states.length).toBeGreaterThan(5)
  expect(new Set(states)).toEqual(new Set(['inactive']))
})

/** Of each panel the first line must have a sample: the others may have had no cause. */
async function panelsWithoutSamples(): Promise<string[]> {
  const file = new URL('../infra/grafana/dashboards/sandpiper.json', import.meta.url)
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { readonly panels: readonly Panel[] }
  const lacking: string[] = []
  for (const { title, targets = [] } of panels) {
    for (const [index, { expr }] of targets.entries()) {
      const query = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '20s')
      const { result } = (await prometheus.ask('query', { query })) as {
        readonly result: readonly unknown[]
      }
      if (index === 0 && result.length === 0) lacking.push(title)
    }
  }
  return lacking
}
