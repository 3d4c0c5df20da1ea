import { readFileSync } from 'node:fs'
import { CliError, usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { inPath, listIn, showLine, showTable } from '../show.ts'

export const secretLs: CommandSpec = {
  usage: 'secret ls',
  about: 'names of secrets; values are never shown',
  examples: ['secret ls'],
  async run(call) {
    const body = await call.client.call('GET', '/v0/variables')
    const rows = listIn(body, 'variables').map((each) => [each['name'], each['updated_at']])
    showTable(call, body, { headings: ['SECRET', 'CHANGED'], rows, empty: 'There are no secrets.' })
  },
}

export const secretSet: CommandSpec = {
  usage: 'secret set <name> [value]',
  about: 'keep a secret for tb_secret() and connections; asked for when it is not given',
  options: [['--file <path>', 'the value is what this file holds']],
  examples: ['secret set pg_password', 'secret set ca_pem --file ca.pem'],
  async run(call, [name = '', given = ''], options) {
    const file = options.text('file')
    const value =
      file !== undefined
        ? readSecret(file)
        : given !== ''
          ? given
          : ((await call.world.ask(`${name}: `)) ?? '')
    if (value === '') throw usageError(`give the value of ${name}, or --file.`)
    const path = `/v0/variables/${inPath(name)}`
    try {
      await call.client.call('PUT', path, { form: new URLSearchParams({ value }) })
    } catch (err) {
      if (!(err instanceof CliError && err.status === 404)) throw err
      await call.client.call('POST', '/v0/variables', {
        form: new URLSearchParams({ name, value, type: 'secret' }),
      })
    }
    showLine(call, { name }, `${name} is set.`)
  },
}

export const secretRm: CommandSpec = {
  usage: 'secret rm <name>',
  about: 'remove a secret',
  examples: ['secret rm pg_password'],
  async run(call, [name = '']) {
    await call.client.call('DELETE', `/v0/variables/${inPath(name)}`)
    showLine(call, { name }, `${name} is removed.`)
  },
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw usageError(`the file ${path} cannot be read.`)
  }
}
