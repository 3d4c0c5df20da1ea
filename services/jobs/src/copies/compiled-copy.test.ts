import { fault } from '@sandpiper/faults'
import { expect, it } from 'vitest'

import { inUserNames } from './compiled-copy.ts'

const FAILED = fault('query.failed', {
  public: "[Error] Cannot parse string 's3cret' in t_1 (CANNOT_PARSE_TEXT)",
  headers: { 'X-DB-Exception-Code': '6' },
})

it('the error of a copy that a secret was bound to holds no value; that of another says all', async () => {
  const failed = (params: Record<string, string>): Promise<unknown> =>
    inUserNames({ userNames: new Map(), params }, () => Promise.reject(FAILED)).catch(
      (err: unknown) => String(err),
    )
  expect(await failed({})).toContain('s3cret')
  expect(await failed({ tb_secret_a: 's3cret' })).not.toContain('s3cret')
  expect(await failed({ tb_secret_a: 's3cret' })).toContain('CANNOT_PARSE_TEXT')
})
