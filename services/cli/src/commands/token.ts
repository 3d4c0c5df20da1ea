import { tokenListSchema, tokenSchema } from '@sandpiper/contracts'
import { CliError, usageError } from '../cli-error.ts'
import { pairs, type CommandSpec, type OptionSpec } from '../command-spec.ts'
import { readDuration } from '../duration.ts'
import { readLimits } from '../limit-values.ts'
import { inPath, showLine, showTable, textIn } from '../show.ts'

const LIMIT: OptionSpec = [
  '--limit <limit...>',
  'what its queries may take: max_execution_time=5 max_memory_usage=512MB rps=10 ...',
]

/** Names and scopes. Values are never listed. */
export const tokenLs: CommandSpec = {
  usage: 'token ls',
  about: 'names and scopes, without the tokens themselves',
  examples: ['token ls'],
  async run(call) {
    const { tokens } = await call.client.get('/v0/tokens', tokenListSchema)
    const shown = tokens.map(({ id, name, scopes }) => ({ id, name, scopes }))
    const rows = shown.map(({ name, scopes }) => [name, scopes.map(scopeText).join(', ')])
    showTable(
      call,
      { tokens: shown },
      { headings: ['NAME', 'SCOPES'], rows, empty: 'There are no tokens.' },
    )
  },
}

export const tokenScopes: CommandSpec = {
  usage: 'token scopes <token>',
  about: 'what a token may do; by name, id or value',
  examples: ['token scopes dashboard'],
  async run(call, [token = '']) {
    const { name, scopes } = await call.client.get(`/v0/tokens/${inPath(token)}`, tokenSchema)
    const rows = scopes.map(({ type, resource, filter }) => [type, resource, filter])
    const headings = ['SCOPE', 'RESOURCE', 'FILTER']
    showTable(call, { name, scopes }, { headings, rows, empty: `${name} may do nothing.` })
  },
}

export const tokenCreateStatic: CommandSpec = {
  usage: 'token create static <name>',
  about: 'a token that lasts until it is removed; prints its value',
  options: [
    [
      '--scope <scope...>',
      'TOKENS, ADMIN, PIPES:READ:<pipe>, DATASOURCES:APPEND:<data source> ...',
    ],
    ['--description <text>', 'what it is for'],
    LIMIT,
  ],
  examples: [
    'token create static dashboard --scope PIPES:READ:top_pages',
    'token create static tracker --scope DATASOURCES:APPEND:page_views DATASOURCES:APPEND:clicks',
  ],
  async run(call, [name = ''], options) {
    const scopes = options.list('scope')
    if (scopes.length === 0)
      throw usageError('say what it may do: --scope PIPES:READ:<pipe>, as often as needed.')
    const description = options.text('description')
    const limits = readLimits(options.list('limit'))
    const json = {
      ...{ name, scopes },
      ...(description === undefined ? {} : { description }),
      ...(Object.keys(limits).length === 0 ? {} : { limits }),
    }
    const made = await call.client.call('POST', '/v0/tokens', { json })
    showLine(call, made, textIn(made, 'token'))
  },
}

export const tokenCreateJwt: CommandSpec = {
  usage: 'token create jwt <name>',
  about: 'a token that ends by itself, for one resource, signed by the server; prints it',
  options: [
    ['--ttl <duration>', 'how long it works: 90s, 30m, 1h, 7d', '1h'],
    ['--scope <scope>', 'PIPES:READ, DATASOURCES:READ or DATASOURCES:APPEND', 'PIPES:READ'],
    ['--resource <name...>', 'the pipes or data sources'],
    ['--fixed-params <name=value...>', 'parameters that the caller cannot change'],
    ['--filter <sql>', 'with DATASOURCES:READ: only rows for which this holds'],
    ['--rps <n>', 'requests a second'],
    LIMIT,
  ],
  examples: [
    'token create jwt browser --ttl 1h --resource top_pages --fixed-params tenant=acme',
    `token create jwt acme --scope DATASOURCES:READ --resource events --filter "tenant = 'acme'"`,
  ],
  async run(call, [name = ''], options) {
    const resources = options.list('resource')
    if (resources.length === 0) throw usageError('say what it may use: --resource <name>.')
    const fixed = pairs('fixed-params', options.list('fixed-params'))
    const filter = options.text('filter')
    const scopes = resources.map((resource) => ({
      type: options.text('scope'),
      resource,
      ...(Object.keys(fixed).length === 0 ? {} : { fixed_params: fixed }),
      ...(filter === undefined ? {} : { filter }),
    }))
    const endMs = call.world.now() + readDuration('ttl', options.text('ttl') ?? '')
    const query = new URLSearchParams({ expiration_time: String(Math.floor(endMs / 1000)) })
    const limits = {
      ...readLimits(options.list('limit')),
      ...(options.text('rps') === undefined ? {} : { rps: options.count('rps', 1) }),
    }
    const json = { name, scopes, ...(Object.keys(limits).length === 0 ? {} : { limits }) }
    const path = `/v0/tokens?${query.toString()}`
    const made = await call.client.call('POST', path, { json })
    showLine(call, made, textIn(made, 'token'))
  },
}

export const tokenRefresh: CommandSpec = {
  usage: 'token refresh <token>',
  about: 'give it a new value, which is printed; the old one stops working',
  examples: ['token refresh dashboard'],
  async run(call, [token = '']) {
    const made = await call.client.call('POST', `/v0/tokens/${inPath(token)}/refresh`)
    showLine(call, made, textIn(made, 'token'))
  },
}

export const tokenRm: CommandSpec = {
  usage: 'token rm <token>',
  about: 'end a token',
  examples: ['token rm dashboard'],
  async run(call, [token = '']) {
    await call.client.call('DELETE', `/v0/tokens/${inPath(token)}`)
    showLine(call, { removed: true }, 'The token does not work any more.')
  },
}

export const tokenCopy: CommandSpec = {
  usage: 'token copy <token>',
  about: 'print the value of a token, and nothing else',
  examples: ['token copy dashboard | pbcopy', 'token copy tracker | xclip -selection clipboard'],
  async run(call, [token = '']) {
    const { name, token: value } = await call.client.get(`/v0/tokens/${inPath(token)}`, tokenSchema)
    if (value === undefined)
      throw new CliError(`'${name}' may do more than your token: its value is not shown.`)
    showLine(call, { name, token: value }, value)
  },
}

function scopeText({ type, resource }: { type: string; resource?: string | undefined }): string {
  return resource === undefined ? type : `${type}:${resource}`
}
