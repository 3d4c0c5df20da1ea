// What the server's OpenAPI document says of an endpoint, in the shape that forms and snippets need.

/** A parameter that a caller may choose. */
export interface EndpointParam {
  readonly name: string
  readonly kind: 'text' | 'number' | 'boolean' | 'date' | 'list'
  /** As it is shown: `integer`, `string (date)`, `array of string`. */
  readonly type: string
  readonly required: boolean
  readonly description?: string | undefined
  /** As text, the way it is typed; undefined when there is none. */
  readonly defaultText?: string | undefined
  /** The only allowed values, as text. */
  readonly options?: readonly string[] | undefined
}

export interface EndpointDescription {
  readonly name: string
  readonly description?: string | undefined
  readonly params: readonly EndpointParam[]
}

export interface OpenapiDocument {
  paths: Readonly<Record<string, PathItem>>
  components: { parameters: Readonly<Record<string, Parameter>> }
  [part: string]: unknown
}

interface PathItem {
  parameters: readonly { $ref: string }[]
  get: { summary: string; description?: string }
  [verb: string]: unknown
}

interface Parameter {
  name: string
  required: boolean
  description?: string
  schema: Schema
}

interface Schema {
  type: string
  format?: string
  default?: unknown
  enum?: readonly unknown[]
  items?: Schema
}

/** Every endpoint of the document, by name. */
export function endpointsOf(document: OpenapiDocument): readonly EndpointDescription[] {
  return Object.entries(document.paths)
    .filter(([path]) => path.endsWith('.json'))
    .map(([, { get, parameters }]) => ({
      name: get.summary,
      description: get.description,
      params: parameters.flatMap(({ $ref }) => {
        const found = document.components.parameters[nameOf($ref)]
        return found === undefined ? [] : [paramOf(found)]
      }),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
}

/** The part of the document that describes one endpoint. */
export function documentOf(document: OpenapiDocument, endpoint: string): OpenapiDocument {
  const paths = Object.entries(document.paths).filter(([, { get }]) => get.summary === endpoint)
  const used = new Set(paths.flatMap(([, item]) => item.parameters.map(({ $ref }) => nameOf($ref))))
  const parameters = Object.entries(document.components.parameters)
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: {
      ...document.components,
      parameters: Object.fromEntries(parameters.filter(([name]) => used.has(name))),
    },
  }
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

function paramOf({ name, required, description, schema }: Parameter): EndpointParam {
  return {
    name,
    required,
    kind: kindOf(schema),
    type: typeOf(schema),
    description,
    defaultText: schema.default === undefined ? undefined : textOf(schema.default),
    options: schema.enum?.map(textOf),
  }
}

function kindOf({ type, format }: Schema): EndpointParam['kind'] {
  if (type === 'array') return 'list'
  if (type === 'boolean') return 'boolean'
  if (type === 'integer' || type === 'number') return 'number'
  return format === 'date' ? 'date' : 'text'
}

function typeOf({ type, format, items }: Schema): string {
  if (type === 'array') return `array of ${items?.type ?? 'string'}`
  return format === undefined ? type : `${type} (${format})`
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
