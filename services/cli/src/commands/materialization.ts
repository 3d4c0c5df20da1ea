import { CliError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { printEnd } from '../follow-answer.ts'
import { inPath, listIn, showTable, textIn } from '../show.ts'

export const materializationLs: CommandSpec = {
  usage: 'materialization ls',
  about: 'materialized pipes, with the data sources they fill',
  examples: ['materialization ls'],
  async run(call) {
    const body = await call.client.call('GET', '/v0/pipes')
    const views = listIn(body, 'pipes').filter((each) => each['type'] === 'materialized')
    const rows = views.map((each) => [each['name'], each['materialized_datasource']])
    const headings = ['PIPE', 'FILLS']
    const empty = 'There are no materialized pipes.'
    showTable(call, { materializations: views }, { headings, rows, empty })
  },
}

export const materializationPopulate: CommandSpec = {
  usage: 'materialization populate <pipe>',
  about: 'fill its data source from the rows that are there, and wait for the end',
  options: [
    ['--truncate', 'empty the data source before'],
    ['--sql-condition <sql>', 'only rows for which this holds'],
    ['--no-wait', 'print the job and do not wait for it'],
  ],
  examples: ['materialization populate sessions_from_events --truncate'],
  async run(call, [pipe = ''], options) {
    const detail = await call.client.call('GET', `/v0/pipes/${inPath(pipe)}`)
    const node = listIn(detail, 'nodes').find((each) => each['node_type'] === 'materialized')
    if (node === undefined) throw new CliError(`${pipe} is no materialized pipe.`)
    const query = new URLSearchParams()
    if (options.isOn('truncate')) query.set('truncate', 'true')
    const condition = options.text('sql-condition')
    if (condition !== undefined) query.set('populate_condition', condition)
    const path = `/v0/pipes/${inPath(pipe)}/nodes/${inPath(textIn(node, 'name'))}/population?${query.toString()}`
    await printEnd(call, await call.client.call('POST', path), !options.isOff('wait'))
  },
}
