import type { CommandSpec } from '../command-spec.ts'
import { listIn, showTable } from '../show.ts'

export const pipeLs: CommandSpec = {
  usage: 'pipe ls',
  about: 'pipes, with what they are for',
  examples: ['pipe ls'],
  async run(call) {
    const body = await call.client.call('GET', '/v0/pipes')
    const rows = listIn(body, 'pipes').map((each) => [
      each['name'],
      each['type'],
      each['updated_at'],
    ])
    const headings = ['PIPE', 'KIND', 'CHANGED']
    showTable(call, body, { headings, rows, empty: 'There are no pipes.' })
  },
}
