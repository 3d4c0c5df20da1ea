import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'

import { createLife } from './life.ts'
import { createTargets } from './request.ts'

const asked = (method = 'POST', headers: Record<string, string> = {}): IncomingMessage =>
  ({ method, headers }) as unknown as IncomingMessage

test('what is remembered of a target is read anew for each method, header and id', () => {
  const targets = createTargets(createLife('l1'))
  const read = (id: string, method?: string, headers?: Record<string, string>) =>
    targets.find(`/?max_threads=2&param_p=v&query_id=${id}`).read(asked(method, headers))
  const [first, second] = [read('a'), read('b')]
  expect([first.queryId, second.queryId]).toEqual(['a', 'b'])
  expect(second.prelude).toBe(first.prelude)
  expect(first.prelude).toMatchObject({
    database: null,
    settings: new Map([['max_threads', '2']]),
    params: new Map([['p', 'v']]),
  })
  expect(read('c', 'GET').prelude.settings.get('readonly')).toBe('2')
  expect(read('d', 'POST', { 'x-clickhouse-database': 'w' }).prelude.database).toBe('w')
  expect(read('e').prelude).toBe(first.prelude)
  expect(targets.find('/?max_threads=3&query_id=a').read(asked()).prelude.settings).toEqual(
    new Map([['max_threads', '3']]),
  )
})

test('an id in the middle counts, and one that is no plain name is read as any value', () => {
  const id = (url: string): string | null =>
    createTargets(createLife()).find(url).read(asked()).queryId
  expect(id('/?query_id=first&database=x')).toBe('first')
  expect(id('/?query_id=first&query_id=second')).toBe('first')
  expect(id('/?database=x&query_id=a%20b')).toBe('a b')
  expect(id('/?database=x')).toBeNull()
})

test('the life that a statement is meant for is looked at each time', () => {
  const targets = createTargets(createLife('l1'))
  const params = (url: string) => targets.find(url).read(asked()).prelude.params
  expect(params('/?engine_life=').get('engine_life')).toBe('l1')
  expect(params('/?engine_life=&query_id=x').has('engine_cpu_ms')).toBe(true)
  for (const id of ['a', 'b'])
    expect(() => params(`/?engine_life=l0&query_id=${id}`)).toThrow('an engine that is gone')
})
