// What the tokenizer gives. Positions are UTF-16 offsets into the text, so slicing the text by them is lossless.

/**
 * `word`: bare identifier or keyword. `identifier`: quoted by backticks, double quotes or “ ”. `string`: '…', ‘…’, x'…', b'…'.
 * `parameter`: `{name:Type}`. `error`: a place where ClickHouse's lexer would stop, up to where ours can go on (often the end).
 */
export type TokenKind =
  | 'whitespace'
  | 'comment'
  | 'word'
  | 'identifier'
  | 'string'
  | 'heredoc'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'open'
  | 'close'
  | 'comma'
  | 'semicolon'
  | 'dot'
  | 'error'

/** One piece of SQL text: `sql.slice(start, end) === text`. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
  readonly end: number
}
