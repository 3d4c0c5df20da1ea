import type { CommandSpec } from '../command-spec.ts'
import { listIn, objectIn, showTable } from '../show.ts'

export const datasourceLs: CommandSpec = {
  usage: 'datasource ls',
  about: 'data sources, with their rows',
  examples: ['datasource ls', 'datasource ls --json'],
  async run(call) {
    const body = await call.client.call('GET', '/v0/datasources')
    const rows = listIn(body, 'datasources').map((each) => {
      const { row_count, bytes } = objectIn(each, 'statistics')
      return [each['name'], row_count, bytes, each['quarantine_rows']]
    })
    const headings = ['DATA SOURCE', 'ROWS', 'BYTES', 'QUARANTINED']
    showTable(call, body, { headings, rows, empty: 'There are no data sources.' })
  },
}
