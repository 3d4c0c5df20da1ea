// An OpenAPI 3.0 document of endpoints, made of their templates and of what the engine says of their results. Pure. It says nothing of a
// pipe but what its callers may choose and get.
// Source: OpenAPI Specification 3.0.3, read 2026-11.
import { columnSchema } from './column-schema.ts'
import { isList, jsonValue, paramSchema, type PipeParam } from './param-schema.ts'

/** An endpoint and what its caller may choose. */
export interface DescribedEndpoint {
  /** `t_...` */
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly params: readonly PipeParam[]
  /** Of its result, for a call with defaults; null when they are not known. */
  readonly columns: readonly { readonly name: string; readonly type: string }[] | null
}

type Part = Readonly<Record<string, unknown>>

const ref = (path: string): Part => ({ $ref: `#/components/${path}` })
const json = (schema: Part): Part => ({ 'application/json': { schema } })
const TEXT = { type: 'string' }
const COUNT = { type: 'integer', format: 'int64' }

/** What each ending answers; null: what JSON of the endpoint is. */
const FORMATS: readonly (readonly [ending: string, content: Part | null])[] = [
  ['json', null],
  ['csv', { 'text/csv': { schema: TEXT } }],
  ['csvwithnames', { 'text/csv': { schema: TEXT } }],
  ['ndjson', { 'application/x-ndjson': { schema: TEXT } }],
  ['parquet', { 'application/vnd.apache.parquet': { schema: { ...TEXT, format: 'binary' } } }],
  ['prometheus', { 'text/plain': { schema: TEXT } }],
]

/** The document. @param about origin of the server, without a slash at the end, and the deployment that is described. */
export function openapiDocument(
  endpoints: readonly DescribedEndpoint[],
  about: { readonly origin: string; readonly deployment: number },
): Part {
  return {
    openapi: '3.0.3',
    info: {
      title: 'Endpoints',
      description: 'The endpoints that the token may call, with the parameters that it may choose.',
      version: String(about.deployment),
    },
    servers: [{ url: about.origin }],
    security: [{ bearer: [] }, { token: [] }],
    paths: Object.fromEntries(endpoints.flatMap(pathsOf)),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        token: { type: 'apiKey', in: 'query', name: 'token' },
      },
      parameters: Object.fromEntries(
        endpoints.flatMap(({ id, params }) =>
          params.map((param, index) => [`${id}.${index}`, queryParameter(param)]),
        ),
      ),
      headers: HEADERS,
      schemas: { ...SCHEMAS, ...Object.fromEntries(endpoints.flatMap(schemasOf)) },
      responses: RESPONSES,
    },
  }
}

/** Of endpoints whose columns are known. */
function schemasOf({ id, columns }: DescribedEndpoint): (readonly [string, Part])[] {
  if (columns === null) return []
  // A result may have two columns of one name.
  const properties = Object.fromEntries(
    columns.map(({ name, type }) => [name, { ...columnSchema(type), 'x-clickhouse-type': type }]),
  )
  const required = Object.keys(properties)
  const row = { type: 'object', properties, ...(required.length === 0 ? {} : { required }) }
  return [
    [`${id}.Row`, row],
    [`${id}.Result`, result(ref(`schemas/${id}.Row`))],
  ]
}

function pathsOf(endpoint: DescribedEndpoint): (readonly [string, Part])[] {
  const { id, columns } = endpoint
  const ofJson = json(ref(columns === null ? 'schemas/Result' : `schemas/${id}.Result`))
  return FORMATS.map(([ending, content]) => [
    `/v0/pipes/${encodeURIComponent(endpoint.name)}.${ending}`,
    {
      parameters: endpoint.params.map((_, index) => ref(`parameters/${endpoint.id}.${index}`)),
      get: operation(endpoint, ending, content ?? ofJson),
      ...(ending === 'json'
        ? {
            post: {
              ...operation(endpoint, 'json.post', ofJson),
              requestBody: { content: json(bodySchema(endpoint.params)) },
            },
          }
        : {}),
    },
  ])
}

function operation({ name, description }: DescribedEndpoint, form: string, content: Part): Part {
  return {
    operationId: `${name}.${form}`,
    summary: name,
    ...(description === null ? {} : { description }),
    tags: [name],
    responses: {
      '200': { description: 'The rows.', content, headers: HEADER_REFS },
      ...Object.fromEntries(Object.keys(RESPONSES).map((each) => [each, ref(`responses/${each}`)])),
    },
  }
}

function queryParameter(param: PipeParam): Part {
  const { name, description, required, example } = param
  return {
    ...{ name, in: 'query', required },
    ...(description === null ? {} : { description }),
    ...(isList(param.type) ? { style: 'form', explode: false } : {}),
    schema: paramSchema(param),
    ...(example === null || example === undefined ? {} : { example: jsonValue(example) }),
  }
}

/** Parameters may come in the body as well; each of them may also stand in the URL, so none is required here. */
function bodySchema(params: readonly PipeParam[]): Part {
  return {
    type: 'object',
    properties: Object.fromEntries(params.map((param) => [param.name, paramSchema(param)])),
  }
}

const HEADER_REFS: Part = Object.fromEntries(
  ['X-Request-Id', 'X-DB-Statistics', 'X-Cache', 'Age'].map((name) => [
    name,
    ref(`headers/${name}`),
  ]),
)

const header = (description: string, type = 'string'): Part => ({ description, schema: { type } })
const HEADERS: Part = {
  'X-Request-Id': header('Id of the request.'),
  'X-DB-Statistics': header(
    'Seconds, rows and bytes that were read, as JSON; not for every token.',
  ),
  'X-Cache': header('HIT or MISS, for endpoints whose answers are kept.'),
  Age: header('Seconds since a kept answer was made.', 'integer'),
}

/** A document of JSON with such rows. */
function result(row: Part): Part {
  return {
    type: 'object',
    required: ['meta', 'data'],
    properties: {
      meta: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'type'],
          properties: { name: TEXT, type: TEXT },
        },
      },
      data: { type: 'array', items: row },
      rows: COUNT,
      rows_before_limit_at_least: COUNT,
      statistics: {
        type: 'object',
        properties: { elapsed: { type: 'number' }, rows_read: COUNT, bytes_read: COUNT },
      },
    },
  }
}

const SCHEMAS: Part = {
  Result: result({ type: 'object', additionalProperties: true }),
  Error: {
    type: 'object',
    required: ['error'],
    properties: { error: TEXT, documentation: TEXT },
  },
}

const failure = (description: string): Part => ({
  description,
  content: json(ref('schemas/Error')),
})
const RESPONSES: Part = {
  '400': failure('A parameter is missing or wrong, or the query failed.'),
  '403': failure('The token is unknown, expired, or may not call the endpoint.'),
  '404': failure('There is no such endpoint.'),
  '408': failure('The query took too long.'),
  '429': failure('Too many requests: see Retry-After.'),
  default: failure('Anything else.'),
}
