// An OpenAPI 3.0 document of endpoints, made of their templates. Pure. It says nothing of a pipe but what its callers may choose and get.
// Source: OpenAPI Specification 3.0.3, read 2026-11.
import { isList, jsonValue, paramSchema, type PipeParam } from './param-schema.ts'

/** An endpoint and what its caller may choose. */
export interface DescribedEndpoint {
  /** `t_...` */
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly params: readonly PipeParam[]
}

type Part = Readonly<Record<string, unknown>>

const ref = (path: string): Part => ({ $ref: `#/components/${path}` })
const json = (schema: Part): Part => ({ 'application/json': { schema } })
const TEXT = { type: 'string' }

/** What each ending answers. */
const FORMATS: readonly (readonly [ending: string, content: Part])[] = [
  ['json', json(ref('schemas/Result'))],
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
      schemas: SCHEMAS,
      responses: RESPONSES,
    },
  }
}

function pathsOf(endpoint: DescribedEndpoint): (readonly [string, Part])[] {
  return FORMATS.map(([ending, content]) => [
    `/v0/pipes/${encodeURIComponent(endpoint.name)}.${ending}`,
    {
      parameters: endpoint.params.map((_, index) => ref(`parameters/${endpoint.id}.${index}`)),
      get: operation(endpoint, ending, content),
      ...(ending === 'json'
        ? {
            post: {
              ...operation(endpoint, 'json.post', content),
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

const count = { type: 'integer', format: 'int64' }
const SCHEMAS: Part = {
  Result: {
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
      data: { type: 'array', items: { type: 'object', additionalProperties: true } },
      rows: count,
      rows_before_limit_at_least: count,
      statistics: {
        type: 'object',
        properties: { elapsed: { type: 'number' }, rows_read: count, bytes_read: count },
      },
    },
  },
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
