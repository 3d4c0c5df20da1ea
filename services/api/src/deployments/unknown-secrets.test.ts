import { parseDatafile } from '@sandpiper/datafile'
import type { DeploymentMap } from '@sandpiper/deployment'
import { expect, test } from 'vitest'

import { unknownSecrets } from './unknown-secrets.ts'

function mapOf(sql: string): DeploymentMap {
  const { file } = parseDatafile(`NODE n\nSQL >\n    ${sql}\n`, { filename: 'p.pipe' })
  if (file?.kind !== 'pipe') throw new Error('no pipe')
  const times = { createdAt: '', updatedAt: '' }
  const pipe = { file, id: 't_1', nodeIds: ['t_2'], view: null, ...times }
  return { dataSources: {}, connections: {}, pipes: { p: pipe } }
}

test('each secret that is not there and has no default is told once', () => {
  const map = mapOf(
    `% SELECT {{tb_secret('one')}}, {{tb_secret("one")}}, {{tb_var(name='two')}}, {{tb_secret('there')}}, {{tb_secret('own', 'x')}}`,
  )
  const told = unknownSecrets(map, new Map([['there', 'value']]))
  expect(told.map(({ level, resource }) => [level, resource])).toEqual([
    ['WARNING', 'Pipe p.pipe'],
    ['WARNING', 'Pipe p.pipe'],
  ])
  expect(told[0]?.message).toContain("'one'")
  expect(told[1]?.message).toContain("'two'")
})
