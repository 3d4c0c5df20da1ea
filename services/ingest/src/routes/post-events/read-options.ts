import { fault } from '@sandpiper/faults'

/** What the query of a request asks for. */
export interface EventsOptions {
  /** Data source, by name or id. */
  readonly name: string
  readonly isWaiting: boolean
  readonly format: 'ndjson' | 'json'
  readonly deployment: string | null
}

/** Request targets whose parameters are remembered: a producer sends the same one again and again. */
const TARGETS_MAX = 1_000
const TARGET_CHARS_MAX = 1_000

/** Gives the parameters of a request target. Of one given twice the first counts. */
export function createQueries(): (url: string) => URLSearchParams {
  const known = new Map<string, URLSearchParams>()
  return (url) => {
    const remembered = known.get(url)
    if (remembered !== undefined) return remembered
    const at = url.indexOf('?')
    const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
    if (known.size >= TARGETS_MAX) known.clear()
    if (url.length <= TARGET_CHARS_MAX) known.set(url, query)
    return query
  }
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
