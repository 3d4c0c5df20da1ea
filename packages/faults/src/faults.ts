// Every expected failure of the product is a Fault with one of these codes. The code alone decides the HTTP status and
// whether a client may retry; the public text says what is wrong, where, and what to do. Internal text goes to the log only.

/** Fault codes with their HTTP status and whether the same request may succeed later. */
export const FAULTS = {
  'request.invalid': { status: 400, retryable: false },
  'request.method': { status: 405, retryable: false },
  'request.conflict': { status: 409, retryable: false },
  'request.too_large': { status: 413, retryable: false },
  'request.uri_too_long': { status: 414, retryable: false },
  'auth.denied': { status: 403, retryable: false },
  'resource.missing': { status: 404, retryable: false },
  'ingest.partial': { status: 422, retryable: false },
  'query.failed': { status: 400, retryable: false },
  'query.refused': { status: 400, retryable: false },
  'query.timeout': { status: 408, retryable: true },
  'template.error': { status: 400, retryable: false },
  'limit.rate': { status: 429, retryable: true },
  'server.busy': { status: 503, retryable: true },
  'log.unavailable': { status: 503, retryable: true },
  'log.too_large': { status: 413, retryable: false },
  'storage.full': { status: 507, retryable: true },
  'storage.unavailable': { status: 503, retryable: true },
  'engine.unavailable': { status: 503, retryable: true },
  'catalog.unavailable': { status: 503, retryable: true },
  'remote.unavailable': { status: 502, retryable: true },
  'server.bug': { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>

/** One of the codes in FAULTS. */
export type FaultCode = keyof typeof FAULTS

/** What a fault carries beside its code. */
export interface FaultDetails {
  /** Shown to the caller: what is wrong, where, what to do. Never holds secrets or internal names. */
  readonly public: string
  /** Goes to the log only. */
  readonly internal?: string
  readonly cause?: unknown
  /** Overrides the status of the code, for `custom_error(msg, code)` in templates only. 400-599. */
  readonly status?: number
  /** Replaces the `{error}` body when a template raised an object. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Extra response headers, e.g. `X-DB-Exception-Code`, `Retry-After` (seconds). */
  readonly headers?: Readonly<Record<string, string>>
  /** Where in the docs this is explained. */
  readonly documentation?: string
  /** Where in a pipe or a text it happened: the node, when it is known, and the line of its SQL; line and column are 1-based. */
  readonly place?: { readonly node: string | null; readonly line: number; readonly column?: number }
}

/** An expected failure: becomes an HTTP answer at the one error door of each service. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly details: FaultDetails

  constructor(code: FaultCode, details: FaultDetails) {
    super(details.public, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.details = details
  }

  get status(): number {
    return this.details.status ?? FAULTS[this.code].status
  }

  get retryable(): boolean {
    return FAULTS[this.code].retryable
  }
}

/**
 * Makes a Fault, to be thrown by the caller: `throw fault('auth.denied', { public: '...' })`.
 * Source of the statuses: Tinybird's Events and Query API behaviour, read 2026-11.
 */
export function fault(code: FaultCode, details: FaultDetails): Fault {
  return new Fault(code, details)
}
