import { expect, test } from 'vitest'
import { isConnectionLoss } from './is-connection-loss.ts'

const fatal = (code: string): Error => Object.assign(new Error('x'), { severity: 'FATAL', code })

test('a server that went away is told from bugs', () => {
  expect(isConnectionLoss(fatal('57P01'))).toBe(true)
  expect(isConnectionLoss(fatal('57P02'))).toBe(true)
  expect(isConnectionLoss(new Error('Connection terminated unexpectedly'))).toBe(true)
  expect(isConnectionLoss(fatal('42P01'))).toBe(false)
  expect(isConnectionLoss(Object.assign(new Error('x'), { code: '57P01' }))).toBe(false)
  const ofSocket = (code: string): Error =>
    Object.assign(new Error('x'), { code, syscall: 'write' })
  expect(isConnectionLoss(ofSocket('EPIPE'))).toBe(true)
  expect(isConnectionLoss(ofSocket('ECONNRESET'))).toBe(true)
  expect(isConnectionLoss(ofSocket('ENOSPC'))).toBe(false)
  expect(isConnectionLoss(new TypeError('x is not a function'))).toBe(false)
})
