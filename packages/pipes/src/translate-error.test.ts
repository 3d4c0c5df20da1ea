import { describe, expect, it } from 'vitest'

import { translateError } from './translate-error.ts'

const TABLE = `t_${'a'.repeat(32)}_1`
const DATABASE = `ws_${'1'.repeat(32)}`

describe('translateError', () => {
  it('says the user names and none of ours', () => {
    const text = `Unknown column x in \`${DATABASE}\`.\`${TABLE}\`, maybe you meant ${DATABASE}.t_${'b'.repeat(32)}_2 of ${DATABASE}`
    expect(translateError(text, new Map([[TABLE, 'events']]))).toBe(
      'Unknown column x in events, maybe you meant ? of ',
    )
  })
})
