import { expect, test } from 'vitest'

import { isAsPublished } from './live-node.ts'
import type { PipeNodeText } from './pipe-text.ts'

const LIVE = `NODE one
SQL >
    SELECT 1 AS x

NODE two
SQL >
    SELECT * FROM one

NODE three
SQL >
    SELECT * FROM two
TYPE endpoint
`

const node = (name: string, sql: string): PipeNodeText => ({
  ...{ name, sql, description: '', type: 'standard', settings: {} },
})

test('a node counts as published only with all that it may read', () => {
  const nodes = [node('one', 'SELECT 1 AS x'), node('two', 'SELECT * FROM one')]
  const edited = [...nodes, node('three', 'SELECT x FROM two')]
  expect(isAsPublished(edited, 'two', LIVE)).toBe(true)
  expect(isAsPublished(edited, 'three', LIVE)).toBe(false)
  expect(isAsPublished([node('one', 'SELECT 2 AS x'), ...nodes.slice(1)], 'two', LIVE)).toBe(false)
  expect(isAsPublished([node('zero', 'SELECT 0'), ...nodes], 'two', LIVE)).toBe(false)
  expect(isAsPublished(nodes, 'two', null)).toBe(false)
  expect(isAsPublished(nodes, 'four', LIVE)).toBe(false)
})
