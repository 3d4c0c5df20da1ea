import { fault } from '@sandpiper/faults'
import type { Limits } from '@sandpiper/tokens'
import { expect, it } from 'vitest'

import { inUserNames } from './compiled-copy.ts'
import { copyLimits } from './copy-limits.ts'

const FAILED = fault('query.failed', {
  public: "[Error] Cannot parse string 's3cret' in t_1 (CANNOT_PARSE_TEXT)",
  headers: { 'X-DB-Exception-Code': '6' },
})

const limitsWith = async (workspace: Limits) =>
  copyLimits(
    {
      catalog: { workspaceLimits: () => Promise.resolve(workspace) },
      limits: { seconds: 1_800, bytesMax: 1_000, query: { rowsReadMax: 50 } },
    },
    'w',
  )

it('the error of a copy that a secret was bound to holds no value; that of another says all', async () => {
  const limits = await limitsWith({})
  const failed = (params: Record<string, string>): Promise<unknown> =>
    inUserNames({ compiled: { userNames: new Map(), params }, limits }, () =>
      Promise.reject(FAILED),
    ).catch((err: unknown) => String(err))
  expect(await failed({})).toContain('s3cret')
  expect(await failed({ tb_secret_a: 's3cret' })).not.toContain('s3cret')
  expect(await failed({ tb_secret_a: 's3cret' })).toContain('CANNOT_PARSE_TEXT')
})

it('a copy has the smaller of what the server and the workspace allow; time and result are those of copies', async () => {
  const { query } = await limitsWith({
    ...{ max_execution_time: 1, max_result_bytes: 1, max_rows_to_read: 60, max_bytes_to_read: 7 },
    ...{ copy_max_execution_time: 20, copy_max_result_bytes: 2_000 },
  })
  expect(query).toMatchObject({ timeoutSeconds: 20, resultBytesMax: 1_000 })
  expect(query).toMatchObject({ rowsReadMax: 50, bytesReadMax: 7, memoryBytesMax: 2_147_483_648 })
})

it('a copy that hits a limit names it as it is set, and whose it is', async () => {
  const limits = await limitsWith({ copy_max_execution_time: 20 })
  const tooSlow = fault('query.timeout', {
    public: '[Error] Timeout exceeded: the query ran longer than 20 seconds (TIMEOUT_EXCEEDED)',
    headers: { 'X-DB-Exception-Code': '159' },
  })
  const compiled = { userNames: new Map<string, string>(), params: {} }
  await expect(inUserNames({ compiled, limits }, () => Promise.reject(tooSlow))).rejects.toThrow(
    '[Error] Timeout exceeded: the query ran longer than 20 seconds. Limit of the workspace: copy_max_execution_time = 20 seconds (TIMEOUT_EXCEEDED)',
  )
})
