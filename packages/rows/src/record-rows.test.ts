import { parseDatafile } from '@sandpiper/datafile'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { compileRecords, type RecordMeta } from './record-rows.ts'

const META: RecordMeta = {
  ...{ topic: 'clicks', partition: 3, offset: 9_007_199_254_740_991 },
  ...{ timestampMs: 1_700_000_000_999, key: 'k"1', headers: [] },
}

function rowsOf(columns: string, more = '') {
  const text = `SCHEMA >\n${columns}\nKAFKA_CONNECTION_NAME k\nKAFKA_TOPIC t\nKAFKA_GROUP_ID g\n${more}`
  const { file, errors } = parseDatafile(text, { filename: 'd.datasource' })
  if (file?.kind !== 'datasource') throw new Error(JSON.stringify(errors))
  return compileRecords(file)
}

const ROWS = rowsOf('    id UInt64 `json:$.id`, price Decimal(38, 18) `json:$.p`')

describe('a record of a topic', () => {
  it('becomes a row with where it comes from, its offset exact', () => {
    expect(ROWS.row('{"id":1,"p":2}', META)).toEqual({
      kind: 'row',
      json: '{"__topic":"clicks","__partition":3,"__offset":9007199254740991,"__timestamp":1700000000,"__key":"k\\"1","id":1,"price":"2.000000000000000000"}',
    })
  })

  it('keeps every digit of a number', () => {
    const digits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(
      fc.property(digits, fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (id, fraction) => {
        const price = `12345678901234567890.${String(fraction).padStart(18, '0')}`
        const { json } = ROWS.row(`{"id":${id},"p":${price}}`, META)
        expect(json).toContain(`"id":${id},"price":"${price}"`)
      }),
    )
  })

  it('that is refused tells where it stands, with its value and why', () => {
    const refused = ROWS.row('{"id":"x","p":1}', META)
    expect(refused).toMatchObject({ kind: 'refused', isJson: true, errors: [{ column: 'id' }] })
    expect(JSON.parse(refused.json)).toMatchObject({
      ...{ __topic: 'clicks', __partition: '3', __offset: '9007199254740991', __key: 'k"1' },
      ...{
        __timestamp: '2023-11-14 22:13:20',
        c__raw: '{"id":"x","p":1}',
        c__error_column: ['id'],
      },
    })
    const bytes = JSON.parse(ROWS.refuse('\ufffd', 'not valid UTF-8', META).json) as unknown
    expect(bytes).toMatchObject({ __offset: String(META.offset), c__raw_form: 'partial' })
  })

  it('keeps its value and headers only where they are stored', () => {
    const plain = JSON.parse(ROWS.row('{"id":1,"p":2}', META).json) as object
    expect(plain).not.toHaveProperty('__value')
    expect(plain).not.toHaveProperty('__headers')
    const options = 'KAFKA_STORE_RAW_VALUE true\nKAFKA_STORE_HEADERS true'
    const keeping = rowsOf('    id UInt64 `json:$.id`', options)
    const headers = [
      ['a', '1'],
      ['a', '2'],
      ['__proto__', 'x'],
    ] as const
    expect(keeping.row('{"id": 1}', { ...META, headers }).json).toContain(
      ',"__value":"{\\"id\\": 1}","__headers":{"a":"2","__proto__":"x"},"id": 1',
    )
  })

  it('without a value is a row of its key where every column may be empty, else refused', () => {
    const optional = rowsOf('    note Nullable(String) `json:$.note`')
    expect(JSON.parse(optional.row(null, META).json)).toMatchObject({ __key: 'k"1' })
    expect(optional.row(null, META).kind).toBe('row')
    expect(ROWS.row(null, META)).toMatchObject({
      ...{ kind: 'refused', errors: [{ column: '' }] },
    })
  })

  it('of any time has a time that the engine takes', () => {
    const time = (timestampMs: number): unknown =>
      (
        JSON.parse(ROWS.row('{"id":1,"p":2}', { ...META, timestampMs }).json) as Record<
          string,
          unknown
        >
      )['__timestamp']
    expect([-1, Number.NaN, 1e18].map(time)).toEqual([0, 0, 4_294_967_295])
  })
})
