/**
 * A finite float with `digits` decimals, rounded half to even on its exact value, as Python does; toFixed() rounds ties up and
 * gives exponents from 1e21.
 * @param value finite. @param digits 0 to 10_000.
 */
export function exactFixed(value: number, digits: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const power = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = power === 0 ? fraction : fraction | 0x10000000000000n
  const exponent = (power === 0 ? 1 : power) - 1075
  const scaled = mantissa * 10n ** BigInt(digits)
  const text = String(
    exponent >= 0 ? scaled << BigInt(exponent) : halfEven(scaled, BigInt(-exponent)),
  )
  const padded = text.padStart(digits + 1, '0')
  const whole = padded.slice(0, padded.length - digits)
  const sign = bits >> 63n === 1n ? '-' : ''
  return digits === 0 ? sign + whole : `${sign}${whole}.${padded.slice(-digits)}`
}

function halfEven(scaled: bigint, shift: bigint): bigint {
  const floor = scaled >> shift
  const rest = scaled - (floor << shift)
  const half = 1n << (shift - 1n)
  const isUp = rest > half || (rest === half && floor % 2n === 1n)
  return isUp ? floor + 1n : floor
}
