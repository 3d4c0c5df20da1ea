// Every attack over HTTP. The order matters little: each brings what it needs.
import { browserAttacks } from './answers.ts'
import { bodyAttacks } from './bodies.ts'
import { datafileAttacks } from './datafiles.ts'
import { expect } from './expect.ts'
import { filterAttacks } from './filters.ts'
import { httpAttacks } from './http.ts'
import { jwtAttacks } from './jwts.ts'
import { outboundAttacks } from './requests-out.ts'
import { secretAttacks } from './secrets.ts'
import { serviceDataSourceAttacks } from './service-data-sources.ts'
import { sqlAttacks } from './sql.ts'
import { collectCases, type AttackCase, type Suite } from './suite.ts'
import type { Target } from './target.ts'
import { templateAttacks } from './templates.ts'
import { tokenAttacks } from './tokens.ts'

const ADDERS: readonly ((suite: Suite) => void)[] = [
  ...[sqlAttacks, filterAttacks, serviceDataSourceAttacks, templateAttacks, datafileAttacks],
  ...[tokenAttacks, jwtAttacks, secretAttacks, outboundAttacks, httpAttacks, browserAttacks],
  ...[bodyAttacks, endChecks],
]

/** @param target asked inside of cases only. */
export function allAttacks(target: () => Target): AttackCase[] {
  return collectCases(target, ADDERS)
}

function endChecks({ target, test }: Suite): void {
  test('after all of it the server works, and holds what was put there', async () => {
    const count = await target().sql("SELECT count() AS n FROM events WHERE name = 'x'")
    expect(count.json).toMatchObject({ data: [{ n: 1 }] })
    expect((await target().sql('SELECT * FROM vault')).json).toMatchObject({ rows: 1 })
  })
}
