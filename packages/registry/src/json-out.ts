// JSON text as it is made from a decoded value, bounded: a few bytes can mean a billion empty elements.

/** What a value decodes to at most, in characters: more would be refused as a line too. */
const TEXT_CHARS_MAX = 1_048_576
/** Values inside values. */
export const DEPTH_MAX = 64

/** A value that cannot be decoded, and why; never leaves this package. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable'
}

/** Collects text. */
export class JsonOut {
  private readonly parts: string[] = []
  private chars = 0

  /** @throws Undecodable when it becomes too long. */
  add(text: string): void {
    this.chars += text.length
    if (this.chars > TEXT_CHARS_MAX) throw tooLong()
    this.parts.push(text)
  }

  text(): string {
    return this.parts.join('')
  }
}

/** Fields and values that one record makes us look at: a few bytes can mean a message with thousands of defaults. */
const STEPS_MAX = 2_000_000

/** What decoding one record may take, of text that is kept and of steps. */
export class DecodeBudget {
  private chars = 0
  private steps = 0

  /** Text that is kept until its message is written. @throws Undecodable when it becomes too much. */
  keep(text: string): string {
    this.chars += text.length
    if (this.chars > TEXT_CHARS_MAX) throw tooLong()
    return text
  }

  /** Gives back what a message took whose text now stands for all of it. */
  giveBackTo(before: number): void {
    this.chars = before
  }

  get kept(): number {
    return this.chars
  }

  /** @throws Undecodable when there are too many. */
  step(count: number): void {
    this.steps += count
    if (this.steps > STEPS_MAX)
      throw new Undecodable(`it has more than ${String(STEPS_MAX)} fields and values`)
  }
}

function tooLong(): Undecodable {
  return new Undecodable(`it decodes to more than ${String(TEXT_CHARS_MAX)} characters`)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as JSON text: what they say when they are UTF-8, else base64. */
export function jsonOfBytes(bytes: Uint8Array): string {
  try {
    return JSON.stringify(UTF8.decode(bytes))
  } catch {
    return JSON.stringify(Buffer.from(bytes).toString('base64'))
  }
}

/** A string of the wire; what is no UTF-8 is replaced, as every reader of Avro and Protobuf does. */
export function jsonOfString(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('utf8'))
}

/** A floating-point number; what JSON has no number for is a text that the engine knows. */
export function jsonOfFloat(value: number): string {
  if (Number.isNaN(value)) return '"nan"'
  if (value === Infinity) return '"inf"'
  return value === -Infinity ? '"-inf"' : String(value)
}

/** The shortest text that is this 32-bit number. */
export function jsonOfFloat32(value: number): string {
  if (!Number.isFinite(value)) return jsonOfFloat(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(value)
}

/** A point in time as text, UTC; `digits` of the second. Out of the range of dates: the count itself. */
export function jsonOfTime(count: bigint, digits: 3 | 6 | 9): string {
  const perSecond = 10n ** BigInt(digits)
  const fraction = ((count % perSecond) + perSecond) % perSecond
  const ms = Number((count - fraction) / perSecond) * 1_000
  const text = new Date(ms)
  if (Number.isNaN(text.getTime()) || Math.abs(text.getUTCFullYear() - 5_000) > 5_000)
    return String(count)
  const seconds = text.toISOString().slice(0, 19).replace('T', ' ')
  return `"${seconds}.${String(fraction).padStart(digits, '0')}"`
}
