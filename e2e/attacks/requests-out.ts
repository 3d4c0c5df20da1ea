// Attacks 10 to 12: requests that the server would make for a caller, and engines behind it.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'

/** Addresses that only the server could reach, in the ways of writing them. */
const ADDRESSES = [
  ...['http://127.0.0.1:9/x.csv', 'http://localhost:9/x.csv', 'http://0.0.0.0:9/x.csv'],
  ...['http://[::1]:9/x.csv', 'http://[::ffff:127.0.0.1]:9/x.csv', 'http://[::]:9/x.csv'],
  ...['http://2130706433:9/x.csv', 'http://0x7f000001:9/x.csv', 'http://0177.0.0.1:9/x.csv'],
  ...['http://127.1:9/x.csv', 'http://10.0.0.1/x.csv', 'http://192.168.0.1/x.csv'],
  ...['http://172.16.0.1/x.csv', 'http://169.254.169.254/latest/meta-data/'],
  ...['http://100.64.0.1/x.csv', 'http://[fd00::1]/x.csv', 'http://[fe80::1]/x.csv'],
  ...['http://\u2460\u2461\u2466.0.0.1:9/x.csv', 'http://user@127.0.0.1:9/x.csv'],
  ...['file:///etc/passwd', 'gopher://127.0.0.1:9/x', 'ftp://127.0.0.1/x', 'data:text/csv,a'],
  ...['unix:/run/engine.sock', '//127.0.0.1/x.csv', 'http://', 'http://127.0.0.1:9\\@example.com/'],
]

/** What the refusal of an address may not tell: whether anything answers there, and what. */
const TELLING = /ECONNREFUSED|EHOSTUNREACH|ETIMEDOUT|root:|ami-id/

export function outboundAttacks(suite: Suite): void {
  const { target, each, test } = suite

  each(ADDRESSES)('attacks 10 and 11: nothing is fetched from %s', async (address) => {
    const { admin } = target().tokens
    for (const path of [
      '/v0/datasources?mode=append&name=events&format=csv&url=',
      '/v0/datasources?mode=replace&name=events&format=csv&url=',
      '/v0/analyze?url=',
    ]) {
      const wish = { method: 'POST', token: admin }
      const got = await target().send(path + encodeURIComponent(address), wish)
      expect(got.text, path).not.toMatch(TELLING)
      expect([400, 403, 422], `${path} ${got.text}`).toContain(await outcome(suite, got))
    }
  })

  test('attack 10: keys of a workspace are not taken from an address inside', async () => {
    const { admin } = target().tokens
    for (const address of ADDRESSES.slice(0, 12)) {
      const { status, text } = await target().send('/v0/jwks', {
        ...{ method: 'PUT', token: admin, body: JSON.stringify({ jwks_url: address }) },
        headers: { 'Content-Type': 'application/json' },
      })
      // An address is judged when it is asked, too: what matters is that no answer of it is told.
      expect([200, 400, 404], `${address} ${text}`).toContain(status)
      expect(text, address).not.toMatch(TELLING)
    }
    await target().send('/v0/jwks', { method: 'DELETE', token: admin })
  })

  test('attack 12: no expression runs a program or writes a file', async () => {
    const { admin } = target().tokens
    for (const sql of [
      "SELECT * FROM executable('id', 'CSV', 'a String')",
      "SELECT executable('id')",
      "SELECT 1 INTO OUTFILE '/tmp/attack.csv'",
      "INSERT INTO FUNCTION file('/tmp/attack.csv', 'CSV', 'a String') VALUES ('a')",
      "CREATE FUNCTION f AS (x) -> file('/etc/hostname')",
      "BACKUP DATABASE default TO File('/tmp/attack')",
      "ATTACH TABLE t FROM '/tmp/attack' (a Int8) ENGINE = File(CSV)",
      "SELECT * FROM python('print(1)')",
      'SELECT * FROM Python(x)',
      'SYSTEM RELOAD CONFIG',
      "CREATE NAMED COLLECTION c AS url = 'http://127.0.0.1/'",
      "SELECT * FROM sqlite('/tmp/x.db', 'x')",
    ]) {
      const { status } = await target().sql(sql, admin)
      expect(status, sql).toBe(400)
    }
  })
}

/** The status of a refusal, or of the job that a request became once that has failed: 400. */
async function outcome(
  { target }: Suite,
  { status, json }: { status: number; json: unknown },
): Promise<number> {
  const id = (json as { job_id?: unknown } | null)?.job_id
  if (typeof id !== 'string') return status
  const { admin } = target().tokens
  for (let asked = 0; asked < 200; asked += 1) {
    const { json: job } = await target().send(`/v0/jobs/${id}`, { token: admin })
    const state = (job as { status?: string } | null)?.status
    if (state === 'error') return 400
    if (state === 'done') return 200
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return 0
}
