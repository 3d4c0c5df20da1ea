// What Tinybird serves and we do not, with what to use instead. Source: Tinybird's API reference, read 2026-11.

/** One path that clients know. */
export interface NotYet {
  readonly methods: readonly Method[]
  /** As Hono takes it. */
  readonly path: string
  /** What to do instead, as a sentence. */
  readonly instead: string
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const CLASSIC =
  'Operations of Tinybird Classic workspaces that change resources are not for a Tinybird Forward workspace, and neither are they here'
const DEPLOY = `${CLASSIC}: change the datafile and deploy the project (POST /v1/deploy, \`sandpiper deploy\`).`
const REMOVE = `${CLASSIC}: remove the datafile and deploy the project with allow_destructive_operations=true.`
const CONNECT =
  'Load files with POST /v0/datasources?mode=append&url=..., and send events to POST /v0/events.'
const ALONE =
  'There are no organizations, members or bills here: give people tokens (/v0/tokens) and workspaces (/v1/workspaces).'
const RELEASE =
  'Releases are of Tinybird Classic workspaces: use deployments (/v1/deploy, /v1/deployments).'

const DATA_SOURCE = '/v0/datasources/:name'
const PIPE = '/v0/pipes/:name'
const NODE = '/v0/pipes/:name/nodes/:node'

/** All of it. */
export const NOT_YET: readonly NotYet[] = [
  { methods: ['PUT'], path: DATA_SOURCE, instead: DEPLOY },
  { methods: ['DELETE'], path: DATA_SOURCE, instead: REMOVE },
  { methods: ['POST'], path: `${DATA_SOURCE}/alter`, instead: DEPLOY },
  {
    methods: ['POST', 'DELETE'],
    path: `${DATA_SOURCE}/share`,
    instead: 'Send the events to both workspaces, or read the other one with a token of its own.',
  },
  {
    methods: ['POST'],
    path: '/v0/datasources/exchange',
    instead: `${CLASSIC}: replace rows with POST /v0/datasources?mode=replace, or by a FORWARD_QUERY.`,
  },
  { methods: ['POST'], path: `${DATA_SOURCE}/scheduling/runs`, instead: CONNECT },
  { methods: ['POST'], path: '/v0/pipes', instead: DEPLOY },
  { methods: ['PUT'], path: PIPE, instead: DEPLOY },
  { methods: ['DELETE'], path: PIPE, instead: REMOVE },
  { methods: ['POST'], path: `${PIPE}/nodes`, instead: DEPLOY },
  { methods: ['PUT', 'DELETE'], path: NODE, instead: DEPLOY },
  { methods: ['POST', 'PUT', 'DELETE'], path: `${NODE}/endpoint`, instead: DEPLOY },
  { methods: ['PUT', 'DELETE'], path: `${PIPE}/endpoint`, instead: DEPLOY },
  { methods: ['DELETE'], path: `${NODE}/materialization`, instead: REMOVE },
  { methods: ['POST', 'PUT', 'DELETE'], path: `${NODE}/copy`, instead: DEPLOY },
  {
    methods: ['POST', 'DELETE'],
    path: `${NODE}/sink`,
    instead: 'Read the endpoint and write the file where it belongs.',
  },
  {
    methods: ['POST'],
    path: `${PIPE}/sink`,
    instead: 'Read the endpoint and write the file where it belongs.',
  },
  {
    methods: ['DELETE'],
    path: `${NODE}/stream`,
    instead: 'Read the endpoint and send its rows on.',
  },
  {
    methods: ['POST'],
    path: '/v0/sql_copy',
    instead: 'Put the query into a copy pipe and run it (POST /v0/pipes/{pipe}/copy).',
  },
  { methods: ['PUT'], path: '/v0/workspaces/:id/users', instead: ALONE },
  { methods: ['GET', 'POST'], path: '/v0/organizations', instead: ALONE },
  { methods: ['GET'], path: '/v0/organizations/:id', instead: ALONE },
  { methods: ['PUT'], path: '/v0/organizations/:id/workspaces', instead: ALONE },
  { methods: ['GET'], path: '/v1/billing/:organization/:what', instead: ALONE },
  {
    methods: ['GET', 'POST'],
    path: '/v1/infra',
    instead: 'This server is the only region: GET /v0/regions.',
  },
  {
    methods: ['GET', 'PUT', 'DELETE'],
    path: '/v1/infra/:id',
    instead: 'This server is the only region: GET /v0/regions.',
  },
  {
    methods: ['GET', 'POST'],
    path: '/v0/workspaces/:id/releases',
    instead: RELEASE,
  },
  {
    methods: ['GET', 'PUT', 'DELETE'],
    path: '/v0/workspaces/:id/releases/:version',
    instead: RELEASE,
  },
  {
    methods: ['POST'],
    path: '/v0/environments/:id/data',
    instead: 'Append rows or fixtures to the branch.',
  },
  {
    methods: ['POST'],
    path: '/v0/environments/:id/regression',
    instead: 'Run the tests of the project: `sandpiper test run`.',
  },
  {
    methods: ['POST'],
    path: '/v0/environments/:id/regression/main',
    instead: 'Run the tests of the project: `sandpiper test run`.',
  },
  { methods: ['POST'], path: '/v0/connectors', instead: DEPLOY },
  { methods: ['GET'], path: '/v0/integrations/:service/settings', instead: CONNECT },
  { methods: ['GET'], path: '/v0/integrations/:service/policies/:policy', instead: CONNECT },
]
