import { fault } from '@sandpiper/faults'

/** What the query of a request asks for. */
export interface EventsOptions {
  /** Data source, by name or id. */
  readonly name: string
  readonly isWaiting: boolean
  readonly format: 'ndjson' | 'json'
  readonly deployment: string | null
}

/** The parameters of a request target. Of one given twice the first counts. */
export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
}

/** @throws fault `request.invalid` (400) without a name, or for a format there is not. */
export function readOptions(query: URLSearchParams): EventsOptions {
  const name = query.get('name') ?? ''
  if (name === '')
    throw fault('request.invalid', {
      public: "The parameter 'name' is missing: the name of the data source to append to.",
    })
  const format = query.get('format') ?? 'ndjson'
  if (format !== 'ndjson' && format !== 'json') {
    throw fault('request.invalid', {
      public: `The format '${format.slice(0, 50)}' is not supported here: use ndjson or json.`,
    })
  }
  const wait = query.get('wait')?.toLowerCase()
  const isWaiting = wait === 'true' || wait === '1'
  return { name, isWaiting, format, deployment: query.get('__tb__deployment') }
}
