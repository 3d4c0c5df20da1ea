// Errors inside a template. TemplateError is what `{% except %}` can catch; LimitReached passes through it. Both become a fault
// that says at which line of which node it happened.
import { fault, type Fault } from '@sandpiper/faults'

/** Where the docs explain template errors, carried by every error object. */
const DOCUMENTATION = '/docs/specs/template-language.md'

/** Characters of an error text: it may quote what the caller sent. */
const MESSAGE_MAX = 1000

/** Steps that an error costs when it is caught: making one is far dearer than a value. */
export const CAUGHT_STEPS = 200

/** A Python-like exception of the interpreter; never leaves this package (see `toFault`). */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  /** Python's class name: `ValueError`, `TypeError`, `KeyError` ... */
  readonly type: string
  /** Set by custom_error(): the status and body the pipe asked for. */
  readonly custom: {
    readonly status: number
    readonly body: Readonly<Record<string, unknown>>
  } | null
  /** The line it is about (1-based), where the one at work is not the right one: in syntax errors. */
  readonly line: number | null

  constructor(
    type: string,
    message: string,
    custom: TemplateError['custom'] = null,
    line: number | null = null,
  ) {
    super(message.length > MESSAGE_MAX ? `${message.slice(0, MESSAGE_MAX)}...` : message)
    this.type = type
    this.custom = custom
    this.line = line
  }
}

/** A bound of the interpreter was reached: not catchable by a template, or `while` and `try` together would never end. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached'
}

/** An error in the text of a template, with its line (1-based). */
export function syntaxError(message: string, line: number): TemplateError {
  return new TemplateError('SyntaxError', `${message} at line ${String(line)}`, null, line)
}

/** Where a template error happened. */
export interface ErrorPlace {
  readonly node: string | null
  /** 1-based. */
  readonly line: number
}

/** Turns what the parser or interpreter threw into a fault `template.error`; bugs pass unchanged. */
export function toFault(error: unknown, place: ErrorPlace): unknown {
  if (error instanceof LimitReached) return templateFault(error.message, place)
  if (!(error instanceof TemplateError)) return error
  if (error.custom === null)
    return templateFault(error.message, { ...place, line: error.line ?? place.line })
  const { status, body } = error.custom
  return fault('template.error', { public: error.message, status, body, place })
}

function templateFault(message: string, place: ErrorPlace): Fault {
  return fault('template.error', {
    public: `Template Syntax Error: ${message}`,
    documentation: DOCUMENTATION,
    place,
  })
}
