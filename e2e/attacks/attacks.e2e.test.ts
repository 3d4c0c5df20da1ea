// The attack list over HTTP, against one running server: one of the suite's own, or the one that config.ts names.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atRestAttacks } from './at-rest.ts'
import { bodyAttacks } from './bodies.ts'
import { datafileAttacks } from './datafiles.ts'
import { httpAttacks } from './http.ts'
import { serviceDataSourceAttacks } from './service-data-sources.ts'
import { sqlAttacks } from './sql.ts'
import { openTarget, type Target } from './target.ts'
import { templateAttacks } from './templates.ts'
import { tokenAttacks } from './tokens.ts'

let opened: Target

beforeAll(async () => {
  opened = await openTarget()
})
afterAll(() => opened.close())

const target = (): Target => opened

sqlAttacks(target)
serviceDataSourceAttacks(target)
templateAttacks(target)
datafileAttacks(target)
tokenAttacks(target)
httpAttacks(target)
bodyAttacks(target)
atRestAttacks(target)

test('after all of it the server works, and holds what was put there', async () => {
  const count = await target().sql("SELECT count() AS n FROM events WHERE name = 'x'")
  expect(count.json).toMatchObject({ data: [{ n: 1 }] })
  expect((await target().sql('SELECT * FROM vault')).json).toMatchObject({ rows: 1 })
})
