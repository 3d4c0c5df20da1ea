// Attack 45: secrets of a workspace, for those who call what uses them.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'

/** Pieces of the value that no cut or escaped message may hold. */
const PIECES = /SALTVALUE|ALTVALU|x\\\\9/

const Q = [
  'SELECT {salt:String} FROM _',
  'SELECT {/**/salt/**/:/**/String} FROM _',
  'SELECT { salt : String } AS s, * FROM _',
  'SELECT {salt:Identifier} FROM _',
  "% SELECT {{tb_secret('salt')}} FROM _",
  'SELECT toInt32(name), nosuch FROM _',
  "SELECT getSetting('param_salt') FROM _",
  'SELECT * FROM _ SETTINGS param_salt = 1',
]

const SQL = [
  "% SELECT {{tb_secret('salt')}} AS s",
  "% SELECT {{tb_var('salt')}} AS s",
  "% SELECT {{tb_secret('salt', 'none')}} AS s",
  "% {{error(tb_secret('salt'))}}",
  "% {{custom_error({'s': tb_secret('salt')}, 400)}}",
  'SELECT {salt:String} FROM salted',
  'SELECT * FROM spilling',
  'SELECT toInt32({salt:String}) FROM salted',
]

export function secretAttacks(suite: Suite): void {
  callerAttacks(suite)
  managementAttacks(suite)
}

function callerAttacks({ target, describe, each }: Suite): void {
  describe('attack 45: who calls an endpoint learns nothing of the secret it uses', () => {
    each([
      '/v0/pipes/spilling.json',
      '/v0/pipes/spilling.csv',
      '/v0/pipes/spilling.json?explain=true',
      '/v0/pipes/spilling.json?finalize_aggregations=1',
      '/v0/pipes/salted.json?explain=true',
      '/v0/pipes/salted/explain',
      '/v0/pipes/choosing.json',
      '/v0/pipes/choosing.json?name=salt',
      '/v0/pipes/salted',
      '/v0/pipes/salted.pipe',
      '/v0/pipes/openapi.json',
      ...Q.map((q) => `/v0/pipes/salted.json?q=${encodeURIComponent(q)}`),
      ...Q.map((q) => `/v0/sql?pipeline=salted&q=${encodeURIComponent(q)}`),
      ...SQL.map((q) => `/v0/sql?q=${encodeURIComponent(q)}`),
    ])('%s', async (path) => {
      const { caller, filtered } = target().tokens
      const jwt = target().jwt(
        ['salted', 'spilling', 'choosing'].map((resource) => ({ type: 'PIPES:READ', resource })),
      )
      for (const token of [caller, filtered, jwt]) {
        const { text, headers } = await target().send(path, { token })
        expect(text + JSON.stringify(headers), path).not.toMatch(PIECES)
      }
    })
  })
}

function managementAttacks({ target, test }: Suite): void {
  test('attack 45: management gives the value back to nobody, not even to who set it', async () => {
    const { admin, reader, adder, caller, keeper, filtered, stranger } = target().tokens
    const paths = [
      ...['/v0/variables', '/v0/variables/salt', '/v0/pipes/salted', '/v0/pipes/salted.pipe'],
      ...['/v1/deployments', '/v0/pipes?attrs=nodes', '/v0/pipes/openapi.json', '/v0/tokens'],
    ]
    for (const path of paths) {
      const { text, headers } = await target().send(path, { token: admin })
      expect(text + JSON.stringify(headers), path).not.toMatch(PIECES)
    }
    for (const token of [reader, adder, caller, keeper, filtered])
      for (const path of ['/v0/variables', '/v0/variables/salt', '/v0/variables/nosuch'])
        expect((await target().send(path, { token })).status, path).toBe(403)
    const other = await target().send('/v0/variables/salt', { token: stranger })
    expect(other.status, other.text).toBe(404)
  })

  test('attack 45: what is written down about requests holds no secret', async () => {
    const { admin } = target().tokens
    for (const table of ['pipe_stats_rt', 'endpoint_errors', 'jobs_log', 'datasources_ops_log']) {
      const { text } = await target().sql(`SELECT * FROM tinybird.${table}`, admin)
      expect(text, table).not.toMatch(PIECES)
      expect(text, table).not.toContain(admin)
    }
  })

  test('attack 45: a secret in plain text in a connection file is not given back', async () => {
    const { admin } = target().tokens
    const file =
      'TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS broker.example:9092\nKAFKA_KEY user\nKAFKA_SECRET PLAINTEXTSECRET\n'
    const deployed = await target().deploy({ 'hub.connection': file })
    expect(deployed.text).not.toContain('PLAINTEXTSECRET')
    expect(deployed.json, deployed.text).toMatchObject({ result: 'success' })
    for (const path of [
      '/v0/connectors',
      '/v0/connectors/hub',
      '/v0/connectors/hub.connection',
      '/v0/connectors/hub?format=connection',
      '/v1/deployments',
    ])
      expect((await target().send(path, { token: admin })).text, path).not.toContain(
        'PLAINTEXTSECRET',
      )
    await target().deploy({}, '?auto_promote=true&allow_destructive_operations=true')
  })
}
