// Errors inside a template. TemplateError is what `{% except %}` can catch; everything else passes through it.
import { fault, type Fault } from '@sandpiper/faults'

/** Where the docs explain template errors, carried by every error object. */
const DOCUMENTATION = '/docs/specs/template-language.md'

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

  constructor(type: string, message: string, custom: TemplateError['custom'] = null) {
    super(message)
    this.type = type
    this.custom = custom
  }
}

/** A bound of the interpreter was reached: not catchable by a template, or `while` and `try` together would never end. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached'
}

/** Syntax errors, with the line of the template (1-based) where one is known. */
export function syntaxError(message: string, line?: number): Fault {
  const place = line === undefined ? '' : ` at line ${String(line)}`
  return templateFault(`${message}${place}`)
}

/** Turns what the interpreter threw into a fault `template.error`; faults and bugs pass unchanged. */
export function toFault(error: unknown): unknown {
  if (error instanceof LimitReached) return templateFault(error.message)
  if (!(error instanceof TemplateError)) return error
  if (error.custom === null) return templateFault(error.message)
  const { status, body } = error.custom
  return fault('template.error', { public: error.message, status, body })
}

function templateFault(message: string): Fault {
  return fault('template.error', {
    public: `Template Syntax Error: ${message}`,
    documentation: DOCUMENTATION,
  })
}
