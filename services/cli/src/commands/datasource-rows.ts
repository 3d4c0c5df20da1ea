import { usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { printEnd } from '../follow-answer.ts'
import { inPath, showLine } from '../show.ts'

export const datasourceDelete: CommandSpec = {
  usage: 'datasource delete <data-source>',
  about: 'remove the rows for which a condition holds',
  options: [
    ['--sql-condition <sql>', 'which rows'],
    ['--condition <sql>', 'the same'],
    ['--dry-run', 'only count them'],
    ['--no-wait', 'print the job and do not wait for it'],
  ],
  examples: [
    `datasource delete events --sql-condition "country = 'ES'" --dry-run`,
    `datasource delete events --sql-condition "at < '2025-01-01'"`,
  ],
  async run(call, [name = ''], options) {
    const condition = options.text('sql-condition') ?? options.text('condition')
    if (condition === undefined)
      throw usageError(
        `say which rows: sandpiper datasource delete ${name} --sql-condition "...". All of them: sandpiper datasource truncate ${name}.`,
      )
    const form = new URLSearchParams({ delete_condition: condition })
    if (options.isOn('dry-run')) form.set('dry_run', 'true')
    const path = `/v0/datasources/${inPath(name)}/delete`
    await printEnd(call, await call.client.call('POST', path, { form }), options.isOn('wait'))
  },
}

export const datasourceTruncate: CommandSpec = {
  usage: 'datasource truncate <data-source>',
  about: 'remove all rows; of <data source>_quarantine those that were refused',
  options: [['--quarantine', 'the quarantined rows, too']],
  examples: ['datasource truncate events', 'datasource truncate events_quarantine'],
  async run(call, [name = ''], options) {
    const query = options.isOn('quarantine') ? '?quarantine=true' : ''
    await call.client.call('POST', `/v0/datasources/${inPath(name)}/truncate${query}`, { text: '' })
    showLine(call, { datasource: name }, `${name} is empty.`)
  },
}
