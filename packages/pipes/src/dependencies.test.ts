import { describe, expect, it } from 'vitest'

import { dependenciesOf, nodeDependencies } from './dependencies.ts'
import { testMap, type NodeText } from './test-map.fixture.ts'

const fileOf = (nodes: readonly NodeText[]) => testMap({ p: nodes }).pipes['p']!.file

describe('dependenciesOf', () => {
  it('lists what a pipe reads outside itself, once each', () => {
    const file = fileOf([
      {
        name: 'a',
        sql: 'WITH c AS (SELECT * FROM users) SELECT * FROM c, events WHERE x IN other',
      },
      { name: 'b', sql: 'SELECT * FROM a JOIN events USING id' },
    ])
    expect(dependenciesOf(file)).toEqual(['users', 'events', 'other'])
  })

  it('sees every branch of a template, nested ones too, and fixed names of table()', () => {
    const sql = `%
      SELECT * FROM {% if defined(x) %} a {% elif y == 'z' %} {% if w %} b {% else %} c {% end %} {% else %} {{table('d')}} {% end %}
      {% for i in [1] %}{% if i %} JOIN e USING id {% else %} JOIN f USING id {% end %}{% end %}`
    expect(nodeDependencies(fileOf([{ name: 'n', sql }]).nodes[0]!).toSorted()).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
    ])
  })
})
