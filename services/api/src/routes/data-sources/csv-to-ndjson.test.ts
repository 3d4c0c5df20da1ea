import { describe, expect, it } from 'vitest'

import { csvToNdjson } from './csv-to-ndjson.ts'

const COLUMNS = ['a', 'b'].map((name) => ({
  ...{ name, type: 'String', jsonPath: null, default: null, codec: null },
}))

describe('CSV larger than the parser is given at once', () => {
  it('is the same row for row, with quotes, line ends and long characters on every border', async () => {
    // Rows of 21 bytes: borders of 8 KiB fall on each of their bytes in turn.
    const row = '"\u20ac,""x""\r\n",\ud83d\ude80y\r\n'
    expect(Buffer.byteLength(row)).toBe(21)
    const rows = 21 * 400
    const body = Buffer.from(row.repeat(rows))
    const ndjson = await csvToNdjson(body, COLUMNS, { delimiter: undefined, escape: undefined })
    const line = `${JSON.stringify({ a: '\u20ac,"x"\r\n', b: '\ud83d\ude80y' })}\n`
    expect(ndjson.equals(Buffer.from(line.repeat(rows)))).toBe(true)
  })

  it('is refused as a whole for a row that has too many fields, however late it comes', async () => {
    const body = Buffer.from(`${'1,2\n'.repeat(50_000)}1,2,3\n`)
    await expect(
      csvToNdjson(body, COLUMNS, { delimiter: undefined, escape: undefined }),
    ).rejects.toMatchObject({ code: 'request.invalid', message: /^Row 50001 has 3 fields/ })
  })
})
