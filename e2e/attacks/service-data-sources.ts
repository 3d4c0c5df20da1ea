// Attack 8 on `tinybird.*`: one table holds the rows of all workspaces, so every way around its filter is tried. Attack 40 on /metrics.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'
import { eventually } from '../support/eventually.ts'
import { projectForm } from '../support/http.ts'
import { OUR_NAMES } from './target.ts'

/** A data source of the other workspace: its name stands in rows that only that workspace may see. */
const FOREIGN = 'foreign_source'
const LOG = 'tinybird.datasources_ops_log'
const SYSTEM = 'ws_00000000000040008000000000000001'
const TABLE = 't_00000000000000000000000000000001_1'

/** Each reads the log, or fails; none may show the other workspace. */
const READS = [
  `SELECT * FROM ${LOG}`,
  `SELECT * FROM ${LOG} FINAL`,
  `SELECT * FROM \`tinybird\`.\`datasources_ops_log\``,
  `SELECT * FROM "tinybird"."datasources_ops_log" AS tinybird`,
  `SELECT * FROM tinybird . datasources_ops_log`,
  `SELECT * FROM tinybird/**/./**/datasources_ops_log`,
  `SELECT * FROM events AS e CROSS JOIN ${LOG} AS l`,
  `SELECT * FROM ${LOG} AS a, ${LOG} AS b`,
  `SELECT l.* FROM ${LOG} AS l RIGHT JOIN ${LOG} AS r ON l.datasource_name != r.datasource_name`,
  `WITH x AS (SELECT * FROM ${LOG}) SELECT * FROM x UNION ALL SELECT * FROM x`,
  `WITH tinybird AS (SELECT 1) SELECT * FROM ${LOG}`,
  `WITH datasources_ops_log AS (SELECT 1) SELECT * FROM ${LOG}`,
  `SELECT (SELECT groupArray(datasource_name) FROM ${LOG})`,
  `SELECT groupArray(datasource_name) FROM ${LOG} WHERE datasource_name IN ${LOG}`,
  `SELECT * FROM ${LOG} WHERE workspace_id != '' OR 1`,
  `SELECT *, '' AS workspace_id FROM ${LOG} PREWHERE 1`,
  `SELECT * REPLACE ('' AS datasource_id) FROM ${LOG}`,
  `SELECT COLUMNS('.*') FROM ${LOG}`,
  `SELECT * FROM view(SELECT * FROM ${LOG})`,
  `SELECT * FROM ${LOG} SAMPLE 1`,
  `SELECT * FROM ${LOG} SETTINGS additional_table_filters = {'x':'1'}`,
  `SELECT * FROM merge('${SYSTEM}', '.*')`,
  `SELECT * FROM merge('tinybird', '.*')`,
  `SELECT * FROM ${SYSTEM}.${TABLE}`,
  `SELECT * FROM ${LOG}, ${SYSTEM}.${TABLE}`,
  `SELECT * FROM ${LOG} WHERE 1 IN (SELECT 1 FROM \`${SYSTEM}\`.\`${TABLE}\`)`,
  `SELECT * FROM ${LOG} WHERE (1, 2) IN ${SYSTEM}.${TABLE}`,
  `SELECT * FROM tinybird.${TABLE}`,
  'SELECT * FROM organization.datasources_ops_log',
]

/** Fails on a row that is not the caller's, with a value of it in the message, where the engine gets to see one. */
const GUESS = `if(datasource_name IN ('events', 'vault', ''), 1, toUInt64(datasource_name)) > 0`
const GUESSES = [
  `SELECT timestamp FROM ${LOG} WHERE ${GUESS}`,
  `SELECT timestamp FROM ${LOG} PREWHERE ${GUESS}`,
  `SELECT count() FROM ${LOG} WHERE ${GUESS} AND timestamp > 0`,
  `SELECT * FROM (SELECT datasource_name FROM ${LOG}) WHERE ${GUESS}`,
  `WITH x AS (SELECT * FROM ${LOG}) SELECT 1 FROM x WHERE ${GUESS}`,
  `SELECT 1 FROM ${LOG} AS a JOIN ${LOG} AS b USING event_type WHERE ${GUESS.replaceAll('datasource_name', 'a.datasource_name')}`,
  `SELECT sumIf(1, ${GUESS}) FROM ${LOG}`,
]

export function serviceDataSourceAttacks(suite: Suite): void {
  const { describe, each, test, before, target } = suite
  describe('attack 8: rows about another workspace show in no query, and in no error', () => {
    before(async () => {
      const { send, sql, tokens } = target()
      const file =
        'SCHEMA >\n    `a` String `json:$.a`\nENGINE "MergeTree"\nENGINE_SORTING_KEY "a"\n'
      const body = projectForm({ [`${FOREIGN}.datasource`]: file })
      await send('/v1/deploy?auto_promote=true', { token: tokens.stranger, body })
      for (const [token, name] of [
        [tokens.stranger, FOREIGN],
        [tokens.admin, 'vault'],
      ] as const) {
        await eventually(
          () => sql(`SELECT datasource_name FROM ${LOG}`, token),
          ({ text }) => text.includes(name),
        )
      }
    })

    each([...READS, ...GUESSES])('%s', async (query) => {
      const { status, text } = await target().sql(query)
      expect([200, 400, 403], text.slice(0, 300)).toContain(status)
      expect(text).not.toContain(FOREIGN)
      expect(text).not.toContain(target().otherId)
      if (status === 200) expect(text).not.toMatch(OUR_NAMES)
    })

    test('a token without a scope for it reads nothing of it, and cannot tell which there are', async () => {
      const { reader } = target().tokens
      for (const place of [
        'SELECT * FROM ?',
        'SELECT 1 IN ?',
        'SELECT 1 WHERE 1 IN (SELECT 1 FROM ?)',
      ]) {
        const answers = await Promise.all(
          [LOG, 'tinybird.no_such_log'].map((name) =>
            target().sql(place.replace('?', name), reader),
          ),
        )
        const [there, missing] = answers.map(({ status, text }) => [
          status,
          text.replaceAll(/tinybird\.\w+/g, '?'),
        ])
        expect(there, place).toEqual(missing)
        expect(there?.[0]).toBe(403)
      }
    })
  })

  test('attacks 23 and 40: /metrics is not for workspaces, and holds none of their names', async () => {
    const { send, tokens } = target()
    for (const who of ['admin', 'stranger', 'reader', 'adder', 'caller', 'keeper'] as const) {
      expect((await send('/metrics', { token: tokens[who] })).status, who).toBe(403)
    }
    if (!target().isServer) return
    const { status, text } = await send('/metrics', { token: tokens.server })
    expect(status).toBe(200)
    expect(text).not.toMatch(/vault|foreign_source|attacked_|stranger_|[0-9a-f]{8}-[0-9a-f]{4}-/)
    expect(text).not.toMatch(OUR_NAMES)
  })
}
