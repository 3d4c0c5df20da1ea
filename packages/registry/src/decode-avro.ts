// Avro's binary encoding to JSON text, without a number between that could lose digits.
// Source: Apache Avro specification 1.12 (binary encoding), read 2026-11.
import type { AvroType } from './avro-schema.ts'
import {
  DEPTH_MAX,
  jsonOfBytes,
  jsonOfFloat,
  jsonOfFloat32,
  jsonOfString,
  jsonOfTime,
  JsonOut,
  Undecodable,
} from './json-out.ts'

/** The JSON text of one value. Whole numbers, decimals: every digit. Times are texts in UTC. @throws Undecodable. */
export function decodeAvro(type: AvroType, bytes: Buffer): string {
  const input = new AvroInput(bytes)
  const out = new JsonOut()
  write(type, input, out, 0)
  if (!input.isDone()) throw new Undecodable('bytes are left after the value')
  return out.text()
}

function write(type: AvroType, input: AvroInput, out: JsonOut, depth: number): void {
  if (depth > DEPTH_MAX) throw new Undecodable('it is nested too deep')
  switch (type.kind) {
    case 'null':
      out.add('null')
      return
    case 'boolean':
      out.add(input.take(1)[0] === 0 ? 'false' : 'true')
      return
    case 'int':
    case 'long':
      out.add(wholeText(input.long(), type.logical))
      return
    case 'float':
      out.add(jsonOfFloat32(input.take(4).readFloatLE()))
      return
    case 'double':
      out.add(jsonOfFloat(input.take(8).readDoubleLE()))
      return
    case 'string':
      out.add(jsonOfString(input.sized()))
      return
    case 'bytes':
      out.add(bytesText(input.sized(), type.scale))
      return
    case 'fixed':
      out.add(bytesText(input.take(type.size), type.scale))
      return
    case 'enum':
      out.add(JSON.stringify(member(type.symbols, input)))
      return
    case 'union':
      write(member(type.branches, input), input, out, depth + 1)
      return
    case 'array':
      writeBlocks(input, out, '[]', () => {
        write(type.items, input, out, depth + 1)
      })
      return
    case 'map':
      writeBlocks(input, out, '{}', () => {
        out.add(`${jsonOfString(input.sized())}:`)
        write(type.items, input, out, depth + 1)
      })
      return
    case 'record':
      out.add('{')
      type.fields.forEach((field, index) => {
        out.add(index === 0 ? field.key : `,${field.key}`)
        write(field.type, input, out, depth + 1)
      })
      out.add('}')
  }
}

function writeBlocks(
  input: AvroInput,
  out: JsonOut,
  [open, close]: string,
  item: () => void,
): void {
  out.add(open ?? '')
  let isFirst = true
  for (let count = input.long(); count !== 0n; count = input.long()) {
    // A negative count is followed by the bytes of the block, for readers that skip it.
    if (count < 0n) input.long()
    for (let left = count < 0n ? -count : count; left > 0n; left--) {
      if (!isFirst) out.add(',')
      isFirst = false
      item()
    }
  }
  out.add(close ?? '')
}

function member<Item>(list: readonly Item[], input: AvroInput): Item {
  const index = Number(input.long())
  const item = list[index]
  if (item === undefined) throw new Undecodable('it chooses what the schema does not have')
  return item
}

const DAY_MS = 86_400_000
const DIGITS = { millis: 3, micros: 6, nanos: 9 } as const

function wholeText(value: bigint, logical: 'date' | keyof typeof DIGITS | null): string {
  if (logical === null) return String(value)
  if (logical !== 'date') return jsonOfTime(value, DIGITS[logical])
  const day = new Date(Number(value) * DAY_MS)
  const isDate = !Number.isNaN(day.getTime()) && Math.abs(day.getUTCFullYear() - 5_000) <= 5_000
  return isDate ? `"${day.toISOString().slice(0, 10)}"` : String(value)
}

/** A decimal is a whole number in two's complement, highest byte first. */
function bytesText(bytes: Buffer, scale: number | null): string {
  if (scale === null) return jsonOfBytes(bytes)
  // Longer than any Decimal of the engine by far.
  if (bytes.length > 64) throw new Undecodable('a decimal has more than 64 bytes')
  const value =
    bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale === 0 ? whole : `${whole}.${digits.slice(-scale)}`
  return value < 0n ? `-${text}` : text
}

class AvroInput {
  private at = 0
  private readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  isDone(): boolean {
    return this.at === this.bytes.length
  }

  take(count: number): Buffer {
    const end = this.at + count
    if (count < 0 || end > this.bytes.length) throw new Undecodable('it ends too early')
    const taken = this.bytes.subarray(this.at, end)
    this.at = end
    return taken
  }

  sized(): Buffer {
    const size = this.long()
    if (size < 0n || size > BigInt(this.bytes.length)) throw new Undecodable('it ends too early')
    return this.take(Number(size))
  }

  /** Zig-zag, seven bits a byte. */
  long(): bigint {
    let low = 0
    let factor = 1
    // Six bytes stay exact in a double; most numbers have fewer.
    for (let index = 0; index < 6; index++) {
      const byte = this.byte()
      low += (byte & 0x7f) * factor
      if (byte < 0x80) return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2)
      factor *= 128
    }
    let value = BigInt(low)
    for (let shift = 42n; shift <= 63n; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
    }
    throw new Undecodable('a number has more than ten bytes')
  }

  private byte(): number {
    const byte = this.bytes[this.at]
    if (byte === undefined) throw new Undecodable('it ends too early')
    this.at += 1
    return byte
  }
}
