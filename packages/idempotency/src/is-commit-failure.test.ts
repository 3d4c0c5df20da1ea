import { expect, test } from 'vitest'
import { isCommitFailure } from './is-commit-failure.ts'

test('a commit that the disk did not take is told from bugs, and its reason is not left uncaught', async () => {
  const uncaught: unknown[] = []
  const listen = (reason: unknown): void => void uncaught.push(reason)
  process.on('unhandledRejection', listen)
  const commitError = Promise.reject(new Error('No space left on device'))
  const failure = Object.assign(new Error('Commit failed'), { commitError })
  expect(isCommitFailure(failure)).toBe(true)
  expect(isCommitFailure(new Error('Commit failed'))).toBe(false)
  expect(isCommitFailure('commitError')).toBe(false)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', listen)
  expect(uncaught).toEqual([])
})
