// Walks JSON text without building values: it finds where each wanted value begins and ends, so that its text can be copied as it came.
// A JavaScript number never touches a value. Strict JSON (RFC 8259); every limit ends the walk with a reason, nothing throws.

/** Why a walk ended early. `malformed` is not JSON; `limit` is JSON that is larger than we take, or text no store can keep. */
export interface ScanProblem {
  readonly kind: 'malformed' | 'limit'
  readonly message: string
}

/** What is looked for below an object: `index` is where a value's place is noted, or -1. */
export interface WantedKeys {
  /** The key as it stands in JSON when nothing in it is escaped, quotes included; '' at the top. */
  readonly raw: string
  readonly index: number
  readonly children: ReadonlyMap<string, WantedKeys>
}

/** Objects and arrays within each other; attack "depth bomb". */
const DEPTH_MAX = 64
/** Keys of one line, nested ones included. */
export const KEYS_MAX = 10_000
/** Keys of an object whose place is remembered for the next. */
const ORDER_MAX = 256
/** Characters of one number. */
const NUMBER_CHARS_MAX = 512

const QUOTE = 34
const BACKSLASH = 92
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const COMMA = 44
const COLON = 58
const MINUS = 45
const PLUS = 43
const DOT = 46

/** Line ends are looked for apart: there is one at the end of every line, and often no other control character in a whole body. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/g // eslint-disable-line no-control-regex -- control characters are what it looks for

/** A walk over one text. `starts` and `ends` hold the places of the wanted values found by the last walk. */
export class JsonScanner {
  readonly starts: number[]
  readonly ends: number[]
  problem: ScanProblem | null = null
  /** Keys of the outermost object of the last walk. */
  outerKeys = 0
  /** Whether every key of the outermost object was wanted itself, and stood there without an escape. */
  isExact = false
  private text = ''
  private end = 0
  private keys = 0
  // Where the next backslash and control character are: found once per stretch of text, not once per string. They hold for
  // positions from `walkedFrom` on.
  private nextBackslash = -1
  private nextControl = -1
  private nextLineEnd = -1
  private walkedFrom = 0
  // Which wanted key stood where in the object before: most objects of a body have the same keys in the same order.
  private readonly order: (WantedKeys | null)[] = []

  /** @param wantedCount how many values can be noted. */
  constructor(wantedCount: number) {
    this.starts = new Array<number>(wantedCount).fill(-1)
    this.ends = new Array<number>(wantedCount).fill(-1)
  }

  /** Takes another text; positions below are in it. Costs nothing when it is the same text again. */
  load(text: string): void {
    if (text === this.text) return
    this.text = text
    this.forgetPlaces()
  }

  /** Walks the value at `at` (after spaces), noting the wanted ones; gives its end, or -1 and `problem`. @param end no character from here on is looked at. */
  value(at: number, end: number, wanted: WantedKeys | null): number {
    this.begin(at, end)
    return this.anyValue(this.spaces(at), wanted, 0)
  }

  /** The first character after spaces. */
  spaces(at: number): number {
    let index = at
    while (index < this.end) {
      const code = this.text.charCodeAt(index)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break
      index += 1
    }
    return index
  }

  /** Calls `visit` with the place of each element of the array at `at`, which an earlier walk found sound. */
  elements(at: number, end: number, visit: (start: number, end: number) => void): void {
    this.begin(at, end)
    let index = this.spaces(at + 1)
    while (index < end && this.text.charCodeAt(index) !== CLOSE_BRACKET) {
      const valueEnd = this.anyValue(index, null, 1)
      if (valueEnd < 0) return
      visit(index, valueEnd)
      index = this.spaces(valueEnd)
      if (this.text.charCodeAt(index) === COMMA) index = this.spaces(index + 1)
    }
  }

  /** Calls `visit` with each key (decoded) and the place of its value in the sound object at `at`. */
  members(at: number, end: number, visit: (key: string, start: number, end: number) => void): void {
    this.begin(at, end)
    let index = this.spaces(at + 1)
    while (index < end && this.text.charCodeAt(index) === QUOTE) {
      const keyEnd = this.string(index)
      if (keyEnd < 0) return
      const key = unquoted(this.text.slice(index, keyEnd))
      const start = this.spaces(this.spaces(keyEnd) + 1)
      const valueEnd = this.anyValue(start, null, 1)
      if (valueEnd < 0) return
      visit(key, start, valueEnd)
      index = this.spaces(valueEnd)
      if (this.text.charCodeAt(index) === COMMA) index = this.spaces(index + 1)
    }
  }

  private begin(at: number, end: number): void {
    if (at < this.walkedFrom) this.forgetPlaces()
    this.walkedFrom = at
    this.end = end
    this.keys = 0
    this.outerKeys = 0
    this.isExact = true
    this.problem = null
  }

  private forgetPlaces(): void {
    this.nextBackslash = -1
    this.nextControl = -1
    this.nextLineEnd = -1
    this.walkedFrom = 0
  }

  private anyValue(at: number, wanted: WantedKeys | null, depth: number): number {
    if (at >= this.end) return this.malformed(at)
    const end = this.valueOfKind(at, this.text.charCodeAt(at), wanted, depth)
    if (wanted !== null && wanted.index >= 0 && end >= 0) {
      this.starts[wanted.index] = at
      this.ends[wanted.index] = end
    }
    return end
  }

  private valueOfKind(at: number, code: number, wanted: WantedKeys | null, depth: number): number {
    if (code === QUOTE) return this.string(at)
    if (code === OPEN_BRACE) return this.object(at, wanted, depth + 1)
    if (code === OPEN_BRACKET) return this.array(at, depth + 1)
    if (code === MINUS || isDigit(code)) return this.number(at)
    if (code === 116) return this.literal(at, 'true')
    if (code === 102) return this.literal(at, 'false')
    if (code === 110) return this.literal(at, 'null')
    return this.malformed(at)
  }

  private object(at: number, wanted: WantedKeys | null, depth: number): number {
    if (depth > DEPTH_MAX) return this.limit(`nested deeper than ${DEPTH_MAX} levels`)
    let index = this.spaces(at + 1)
    if (this.text.charCodeAt(index) === CLOSE_BRACE && index < this.end) return index + 1
    const isOutermost = depth === 1 && wanted !== null
    for (;;) {
      if (index >= this.end || this.text.charCodeAt(index) !== QUOTE) return this.malformed(index)
      this.keys += 1
      if (this.keys > KEYS_MAX) return this.limit(`more than ${KEYS_MAX} keys`)
      let child = isOutermost ? this.expected(index) : null
      let keyEnd = index
      if (child !== null) keyEnd += child.raw.length
      else {
        keyEnd = this.string(index)
        if (keyEnd < 0) return -1
        if (wanted !== null) child = this.childOf(wanted, index, keyEnd)
        if (isOutermost) this.learn(child, keyEnd - index)
      }
      if (isOutermost) this.outerKeys += 1
      const colon = this.spaces(keyEnd)
      if (colon >= this.end || this.text.charCodeAt(colon) !== COLON) return this.malformed(colon)
      const valueEnd = this.anyValue(this.spaces(colon + 1), child, depth)
      if (valueEnd < 0) return -1
      index = this.spaces(valueEnd)
      if (index >= this.end) return this.malformed(index)
      const code = this.text.charCodeAt(index)
      if (code === CLOSE_BRACE) return index + 1
      if (code !== COMMA) return this.malformed(index)
      index = this.spaces(index + 1)
    }
  }

  /** The wanted key at this place of the object before, when it stands here too. */
  private expected(at: number): WantedKeys | null {
    const child = this.order[this.outerKeys] ?? null
    if (child === null || !this.text.startsWith(child.raw, at)) return null
    if (at + child.raw.length > this.end) return null
    if (child.children.size > 0) {
      this.isExact = false
      this.forget(child)
    }
    return child
  }

  private learn(child: WantedKeys | null, chars: number): void {
    const isPlain = child !== null && child.raw.length === chars
    if (!isPlain || child.index < 0 || child.children.size > 0) this.isExact = false
    if (this.outerKeys < ORDER_MAX) this.order[this.outerKeys] = isPlain ? child : null
  }

  private childOf(wanted: WantedKeys, start: number, end: number): WantedKeys | null {
    if (wanted.children.size === 0) return null
    const key = this.text.slice(start + 1, end - 1)
    const plain = key.includes('\\') ? unquoted(this.text.slice(start, end)) : key
    const child = wanted.children.get(plain) ?? null
    // Of a key given twice the last counts, also for what was wanted below the first.
    if (child !== null && child.children.size > 0) this.forget(child)
    return child
  }

  private forget(wanted: WantedKeys): void {
    if (wanted.index >= 0) this.starts[wanted.index] = -1
    for (const child of wanted.children.values()) this.forget(child)
  }

  private array(at: number, depth: number): number {
    if (depth > DEPTH_MAX) return this.limit(`nested deeper than ${DEPTH_MAX} levels`)
    let index = this.spaces(at + 1)
    if (this.text.charCodeAt(index) === CLOSE_BRACKET && index < this.end) return index + 1
    for (;;) {
      const valueEnd = this.anyValue(index, null, depth)
      if (valueEnd < 0) return -1
      index = this.spaces(valueEnd)
      if (index >= this.end) return this.malformed(index)
      const code = this.text.charCodeAt(index)
      if (code === CLOSE_BRACKET) return index + 1
      if (code !== COMMA) return this.malformed(index)
      index = this.spaces(index + 1)
    }
  }

  private string(at: number): number {
    const from = at + 1
    const quote = this.text.indexOf('"', from)
    if (quote < 0 || quote >= this.end) return this.malformed(this.end)
    if (this.nextBackslash < from) this.nextBackslash = indexOrEnd(this.text.indexOf('\\', from))
    if (this.nextControl < from) this.nextControl = indexOfControl(this.text, from)
    if (this.nextLineEnd < from) this.nextLineEnd = indexOrEnd(this.text.indexOf('\n', from))
    const control = this.nextControl < this.nextLineEnd ? this.nextControl : this.nextLineEnd
    if (this.nextBackslash > quote) return control < quote ? this.malformed(control) : quote + 1
    return control < this.nextBackslash
      ? this.malformed(control)
      : this.stringWithEscapes(this.nextBackslash)
  }

  /** @param at the first backslash of the string. */
  private stringWithEscapes(at: number): number {
    let index = at
    while (index < this.end) {
      const code = this.text.charCodeAt(index)
      if (code === QUOTE) return index + 1
      if (code < 32) return this.malformed(index)
      if (code !== BACKSLASH) index += 1
      else {
        index = this.escape(index)
        if (index < 0) return -1
      }
    }
    return this.malformed(index)
  }

  private escape(at: number): number {
    const code = this.text.charCodeAt(at + 1)
    if (at + 1 >= this.end) return this.malformed(at)
    if (code !== 117) return ESCAPES.has(code) ? at + 2 : this.malformed(at)
    const unit = this.hexUnit(at)
    if (unit < 0) return this.malformed(at)
    if (unit < 0xd800 || unit > 0xdfff) return at + 6
    const isPair =
      unit < 0xdc00 &&
      this.text.charCodeAt(at + 6) === BACKSLASH &&
      this.text.charCodeAt(at + 7) === 117
    const low = isPair ? this.hexUnit(at + 6) : -1
    return low >= 0xdc00 && low <= 0xdfff
      ? at + 12
      : this.limit('a lone surrogate escape, which is no character')
  }

  /** The code unit of `\uXXXX` at `at`; -1 when it is none. */
  private hexUnit(at: number): number {
    if (at + 6 > this.end) return -1
    let unit = 0
    for (let index = at + 2; index < at + 6; index += 1) {
      const digit = hexDigit(this.text.charCodeAt(index))
      if (digit < 0) return -1
      unit = unit * 16 + digit
    }
    return unit
  }

  private number(at: number): number {
    let index = this.text.charCodeAt(at) === MINUS ? at + 1 : at
    const first = this.text.charCodeAt(index)
    if (index >= this.end || !isDigit(first)) return this.malformed(index)
    index = first === 48 ? index + 1 : this.digits(index)
    if (index < this.end && this.text.charCodeAt(index) === DOT) {
      const after = this.digits(index + 1)
      if (after === index + 1) return this.malformed(after)
      index = after
    }
    if (index < this.end && (this.text.charCodeAt(index) | 32) === 101) {
      const sign = this.text.charCodeAt(index + 1)
      const from = sign === MINUS || sign === PLUS ? index + 2 : index + 1
      const after = this.digits(from)
      if (after === from) return this.malformed(after)
      index = after
    }
    return index - at > NUMBER_CHARS_MAX
      ? this.limit(`a number of more than ${NUMBER_CHARS_MAX} characters`)
      : index
  }

  private digits(at: number): number {
    let index = at
    while (index < this.end && isDigit(this.text.charCodeAt(index))) index += 1
    return index
  }

  private literal(at: number, word: string): number {
    return at + word.length <= this.end && this.text.startsWith(word, at)
      ? at + word.length
      : this.malformed(at)
  }

  private malformed(at: number): -1 {
    const found =
      at >= this.end ? 'it ends too early' : `unexpected ${JSON.stringify(this.text.charAt(at))}`
    this.problem = { kind: 'malformed', message: `not valid JSON: ${found}` }
    return -1
  }

  private limit(message: string): -1 {
    this.problem = { kind: 'limit', message: `not taken: ${message}` }
    return -1
  }
}

const ESCAPES = new Set(Buffer.from('"\\/bfnrt'))

/** The characters a sound JSON string stands for. */
export function unquoted(json: string): string {
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1)
}

function indexOrEnd(index: number): number {
  return index < 0 ? Number.MAX_SAFE_INTEGER : index
}

function indexOfControl(text: string, from: number): number {
  CONTROL.lastIndex = from
  const found = CONTROL.exec(text)
  return found === null ? Number.MAX_SAFE_INTEGER : found.index
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function hexDigit(code: number): number {
  if (isDigit(code)) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
