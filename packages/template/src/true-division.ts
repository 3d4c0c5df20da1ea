import { TemplateError } from './template-error.ts'

/** Bits a quotient is made with: those of a float, and enough below them that one rounding decides. */
const QUOTIENT_BITS = 57

/**
 * Python's `/` of two ints: the float nearest to the exact quotient, also for ints that no float holds.
 * @throws ZeroDivisionError | OverflowError.
 */
export function trueDivision(left: bigint, right: bigint): number {
  if (right === 0n) throw new TemplateError('ZeroDivisionError', 'division by zero')
  if (isExact(left) && isExact(right)) return Number(left) / Number(right)
  const [one, other] = [left < 0n ? -left : left, right < 0n ? -right : right]
  const shift = bits(other) - bits(one) + QUOTIENT_BITS
  const scaled = shift > 0 ? one << BigInt(shift) : one
  const divisor = shift < 0 ? other << BigInt(-shift) : other
  // What is left over only says that the quotient lies above a tie.
  const quotient = (scaled / divisor) | (scaled % divisor === 0n ? 0n : 1n)
  const half = Math.trunc(-shift / 2)
  const size = Number(quotient) * 2 ** half * 2 ** (-shift - half)
  if (!Number.isFinite(size))
    throw new TemplateError('OverflowError', 'integer division result too large for a float')
  return left < 0n !== right < 0n ? -size : size
}

function isExact(value: bigint): boolean {
  return value <= 9007199254740992n && value >= -9007199254740992n
}

function bits(value: bigint): number {
  return value.toString(2).length
}
