import { watch } from 'node:fs'
import { resolve } from 'node:path'
import type { CliCall } from '../cli-call.ts'
import { CliError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { branchClient } from '../branches.ts'
import { readDashboardFiles } from '../dashboards/read-dashboard-files.ts'
import { PROJECT_OPTION, projectBody, readProject } from '../project.ts'
import { showDeployed } from './deploy.ts'

/** Milliseconds after a change in which more changes belong to it. */
const SETTLE_MS = 200

export const build: CommandSpec = {
  usage: 'build',
  about:
    'make the workspace or branch what the project says, at once and whatever it removes; its dashboards follow',
  options: [
    PROJECT_OPTION,
    ['--branch <name>', 'build into this branch; it is made when it is not there'],
    ['--watch', 'build again when a file changes'],
  ],
  examples: ['build', 'build --branch my_feature', 'build --watch'],
  async run(call, _args, options) {
    const folder = resolve(options.text('project') ?? '.')
    const branch = options.text('branch')
    const target = branch === undefined ? call : await onBranch(call, branch)
    if (options.isOn('watch')) await buildOnChanges(target, folder)
    else await buildOnce(target, folder)
  },
}

async function onBranch(call: CliCall, name: string): Promise<CliCall> {
  return { ...call, client: await branchClient(call, name) }
}

async function buildOnce(call: CliCall, folder: string): Promise<void> {
  const files = readProject(folder)
  // Before anything is sent: a project is built as a whole or not.
  const dashboards = readDashboardFiles(folder)
  const answer = await call.client.call('POST', '/v1/build', projectBody(files))
  const isLive = answer['result'] !== 'failed'
  await showDeployed(call, answer, {
    ...{ what: 'build', sentence: '', dashboards, isLive, isCheck: false },
  })
}

async function buildOnChanges(call: CliCall, folder: string): Promise<void> {
  const { world } = call
  const isStopped = (): boolean => world.signal.aborted
  let isChanged = true
  let wake = (): void => undefined
  const watcher = watch(folder, { recursive: true }, (_event, file) => {
    if (file !== null && !/\.(datasource|pipe|connection)$|^dashboards\W.*\.json$/.test(file))
      return
    isChanged = true
    wake()
  })
  const stop = (): void => wake()
  world.signal.addEventListener('abort', stop, { once: true })
  try {
    while (!isStopped()) {
      if (!isChanged) await new Promise<void>((resolved) => (wake = resolved))
      if (isStopped()) return
      await world.sleep(SETTLE_MS)
      isChanged = false
      try {
        await buildOnce(call, folder)
      } catch (err) {
        if (!(err instanceof CliError)) throw err
        world.err(`sandpiper: ${err.message}\n`)
      }
      world.err(`Watching ${folder}; Ctrl-C ends it.\n`)
    }
  } finally {
    watcher.close()
  }
}
