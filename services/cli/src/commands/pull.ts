import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { CliCall } from '../cli-call.ts'
import { usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { liveDatafiles } from '../live-datafiles.ts'
import { dashboardFiles, whyNoDashboards } from '../dashboards/server-dashboards.ts'
import type { ProjectFile } from '../project.ts'
import { showTable } from '../show.ts'

/** What a resource may be called: nothing that leads out of the folder. */
const PATH = /^[a-z]+\/[\w-]+\.(datasource|pipe|connection|json)$/

export const pull: CommandSpec = {
  usage: 'pull',
  about: 'write the datafiles of what is live to disk, and the dashboards of the console',
  options: [
    ['--folder <folder>', 'where to', '.'],
    ['--force', 'also over files that say something else'],
  ],
  examples: ['pull', 'pull --folder from_server --force'],
  async run(call, _args, options) {
    const folder = resolve(options.text('folder') ?? '.')
    const dashboards = await dashboardsOrNone(call)
    const files = [...(await liveDatafiles(call.client)), ...dashboards.files]
    const strange = files.find(({ path }) => !PATH.test(path))
    if (strange !== undefined)
      throw usageError(`the server has a resource called '${strange.path}', which is no file name.`)
    const states = files.map(({ path, text }) => {
      const full = join(folder, path)
      if (!existsSync(full)) return 'new'
      return readFileSync(full, 'utf8') === text ? 'same' : 'changed'
    })
    const inTheWay = files.filter((_, index) => states[index] === 'changed')
    if (inTheWay.length > 0 && !options.isOn('force'))
      throw usageError(
        `nothing was written: ${inTheWay.map(({ path }) => path).join(', ')} would be overwritten. Use --force, or --folder.`,
      )
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const rows = files.map(({ path }, index) => [path, states[index]])
    const body = {
      files: files.map(({ path }, index) => ({ path, state: states[index] })),
      left_out: dashboards.leftOut,
    }
    showTable(call, body, { headings: ['FILE', 'STATE'], rows, empty: 'Nothing is deployed.' })
  },
}

/** Datafiles are worth having also without the dashboards. */
async function dashboardsOrNone(
  call: CliCall,
): Promise<{ readonly files: ProjectFile[]; readonly leftOut: string[] }> {
  try {
    return { files: await dashboardFiles(call.client), leftOut: [] }
  } catch (err) {
    const why = whyNoDashboards(err)
    if (why === null) throw err
    call.world.err(`sandpiper: dashboards are left out: ${why}.\n`)
    return { files: [], leftOut: [`dashboards: ${why}`] }
  }
}
