// What a request says beside the SQL: parameters for the template, and options of ours. Parameters are kept in an object
// without a prototype: `__proto__` is a name like any other.
import { fault } from '@sandpiper/faults'

type Fields = readonly (readonly [string, unknown])[]

export interface QueryOptions {
  /** For the template: text, a list for repeated keys, or any JSON value from a JSON body. */
  readonly params: Readonly<Record<string, unknown>>
  /** `q`: SQL of the caller, or null. */
  readonly q: string | null
  /** `pipeline`: the pipe that `_` stands for in /v0/sql, or null. */
  readonly pipeline: string | null
  /** `playground`: a saved query of the console in /v0/sql, or null. */
  readonly playground: string | null
  /** `explain`: the plan in place of the rows. */
  readonly explain: boolean
  /** `finalize_aggregations`: values in place of the states of aggregates. */
  readonly finalizeAggregations: boolean
  /** `__tb__deployment`. */
  readonly deployment: 'live' | 'staging' | number
  /** `output_format_*` switches. */
  readonly settings: Readonly<Record<string, number>>
}

/**
 * Never parameters of a template; what clients add to every call. Other options are parameters too, for pipes that use such a name:
 * `explain`, `tag`, `query_id`, `debug` ... The last three change nothing here: the id of a query is the id of its request.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'q',
  'format',
  'token',
  'from',
  'cli_version',
  '__tb__semver',
  '__tb__deployment',
])

const SWITCHES = [
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_denormals',
  'output_format_parquet_string_as_string',
] as const

/**
 * Reads parameters and options from the query string and the fields of the body; the body wins over the query string.
 * @throws fault `request.invalid` for an option that is given in a form it does not have.
 */
export function readQueryOptions(query: Fields, body: Fields): QueryOptions {
  const all = { ...collect(query), ...collect(body) }
  const params: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, value] of Object.entries(all)) {
    if (!RESERVED.has(name)) params[name] = value
  }
  return {
    params,
    q: text(all['q'], 'q'),
    pipeline: text(all['pipeline'], 'pipeline'),
    playground: text(all['playground'], 'playground'),
    explain: isOn(all['explain']),
    finalizeAggregations: isOn(all['finalize_aggregations']),
    deployment: deploymentOf(all['__tb__deployment']),
    settings: Object.fromEntries(
      SWITCHES.filter((name) => Object.hasOwn(all, name)).map((name) => [
        name,
        isOn(all[name]) ? 1 : 0,
      ]),
    ),
  }
}

function collect(fields: Fields): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  const lists = new Map<string, unknown[]>()
  for (const [name, value] of fields) {
    const list = lists.get(name) ?? []
    list.push(value)
    lists.set(name, list)
    values[name] = list.length === 1 ? value : list
  }
  return values
}

function isOn(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1'
}

function text(value: unknown, name: string): string | null {
  if (value === undefined || value === '') return null
  if (typeof value === 'string') return value
  throw fault('request.invalid', { public: `The parameter '${name}' must be given once, as text.` })
}

function deploymentOf(value: unknown): QueryOptions['deployment'] {
  if (value === undefined || value === '' || value === 'live') return 'live'
  if (value === 'staging') return 'staging'
  if (typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw fault('request.invalid', {
    public:
      "The parameter '__tb__deployment' must be 'staging', 'live' or the number of a deployment.",
  })
}
