// Two tenants and two endpoints: what the tests of endpoints, dashboards and lineage look at.
import { createCaller, deployProject } from '../../support/http.ts'
import type { Product } from '../../support/product.ts'

/** Names of the tokens that its files make. */
export const PROJECT_TOKENS = { reader: 'site_reader', narrow: 'top_reader' }

const FILES = {
  'datasources/visits.datasource': `SCHEMA >
    \`at\` DateTime \`json:$.at\`,
    \`tenant\` String \`json:$.tenant\`,
    \`page\` String \`json:$.page\`,
    \`hits\` UInt32 \`json:$.hits\`

ENGINE "MergeTree"
ENGINE_SORTING_KEY "tenant, at"
`,
  'endpoints/visits_of.pipe': `DESCRIPTION >
    Visits of one tenant. <script>window.ran=1</script>

TOKEN ${PROJECT_TOKENS.reader} READ

NODE n
SQL >
    %
    SELECT at, tenant, page, hits FROM visits
    WHERE tenant = {{ String(tenant, 'acme', description='Whose visits') }}
    ORDER BY at LIMIT {{ Int32(most, 100) }}

TYPE endpoint
`,
  'endpoints/top_tenants.pipe': `TOKEN ${PROJECT_TOKENS.reader} READ
TOKEN ${PROJECT_TOKENS.narrow} READ

NODE n
SQL >
    %
    SELECT tenant, sum(hits) AS hits
    FROM (SELECT * FROM visits WHERE hits >= {{ Int32(least, 0) }})
    {% if defined(tenant) %} WHERE tenant = {{ String(tenant, '') }} {% end %}
    GROUP BY tenant ORDER BY hits DESC LIMIT {{ Int32(most, 10) }}

TYPE endpoint
CACHE 5
`,
  'materializations/to_daily.pipe': `NODE n
SQL >
    SELECT toDate(at) AS day, tenant, count() AS visits FROM visits GROUP BY day, tenant

TYPE materialized
DATASOURCE daily
`,
  'datasources/daily.datasource': `SCHEMA >
    \`day\` Date,
    \`tenant\` String,
    \`visits\` UInt64

ENGINE "SummingMergeTree"
ENGINE_SORTING_KEY "tenant, day"
`,
}

/** Deploys it, with files of the test's own, and sends four visits of each tenant. */
export async function deployVisits(
  { url, tokens }: Product,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const admin = createCaller(url, tokens.workspace_admin_token)
  await deployProject(admin, { ...FILES, ...more })
  const pages = ['/', '/docs', '/pricing', '<img src=x onerror="window.ran=1">']
  const rows = ['acme', 'globex'].flatMap((tenant) =>
    pages.map((page, index) => ({
      at: `2026-01-15 09:00:0${index}`,
      tenant,
      page,
      hits: index + 1,
    })),
  )
  const body = rows.map((row) => JSON.stringify(row)).join('\n')
  const sent = await admin.post('/v0/events?name=visits&wait=true', body)
  if (sent.status !== 200) throw new Error(sent.text)
}

/** The first part of every address. */
export async function placeOf({ url, tokens }: Product): Promise<string> {
  const answer = await createCaller(url, tokens.workspace_admin_token).get('/v1/workspace')
  return (answer.json as { name: string }).name
}
