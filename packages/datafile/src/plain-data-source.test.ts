import { expect, test } from 'vitest'

import { parseDatafile } from './parse-datafile.ts'
import { plainDataSource } from './plain-data-source.ts'

test('a plain data source is what its file would be parsed to', () => {
  const text = 'SCHEMA >\n    id String `json:$.id`\n'
  const parsed = parseDatafile(text, { filename: 'visits.datasource' })
  const columns = [{ name: 'id', type: 'String', jsonPath: '$.id', default: null, codec: null }]
  expect(plainDataSource('visits', columns)).toEqual(parsed.file)
})
