import { resolve } from 'node:path'
import type { CliCall } from '../cli-call.ts'
import type { Body } from '../client.ts'
import type { CommandSpec } from '../command-spec.ts'
import { showDeployResult } from '../deploy-result.ts'
import { awaitDeployment } from '../await-deployment.ts'
import type { DashboardFile } from '../dashboards/dashboard-file.ts'
import { dashboardLines, deployDashboards, refuseUnsent } from '../dashboards/deploy-dashboards.ts'
import { readDashboardFiles } from '../dashboards/read-dashboard-files.ts'
import { PROJECT_OPTION, projectBody, readProject } from '../project.ts'
import { objectIn, textIn } from '../show.ts'

export const deploy: CommandSpec = {
  usage: 'deploy',
  about:
    'deploy the project: the workspace becomes what it says, or stays as it is; its dashboards follow',
  options: [
    PROJECT_OPTION,
    ['--check', 'only say what would change'],
    ['--no-auto', 'leave the deployment staged; see deployment promote'],
    ['--auto', 'promote it when it is ready (the default)'],
    ['--no-wait', 'return before it is ready'],
    ['--wait', 'wait until it is ready (the default)'],
    ['--allow-destructive-operations', 'also remove data sources and pipes, and data with them'],
  ],
  examples: [
    'deploy --check',
    'deploy',
    'deploy --no-auto',
    'deploy --allow-destructive-operations',
  ],
  async run(call, _args, options) {
    const folder = resolve(options.text('project') ?? '.')
    const files = readProject(folder)
    // Before anything is sent: a project is deployed as a whole or not.
    const dashboards = readDashboardFiles(folder)
    const query = new URLSearchParams()
    const flags = {
      check: options.isOn('check'),
      auto_promote: !options.isOff('auto') && !options.isOn('check'),
      allow_destructive_operations: options.isOn('allow-destructive-operations'),
    }
    for (const [name, isSet] of Object.entries(flags)) if (isSet) query.set(name, 'true')
    if (call.world.isTerminal) call.world.err(`Sending ${files.length} files ...\n`)
    const path = `/v1/deploy?${query.toString()}`
    const answer = await call.client.call('POST', path, projectBody(files))
    const id = textIn(objectIn(answer, 'deployment'), 'id')
    const isUnderWay = answer['result'] === 'success' && id !== '' && id !== '0' && !flags.check
    const waits = isUnderWay && !options.isOff('wait')
    const end = waits ? await awaitDeployment(call, id, flags.auto_promote) : null
    const deployed = end === null ? answer : { ...answer, deployment: end }
    const state = waits
      ? flags.auto_promote
        ? 'is live'
        : 'is staged'
      : 'is under way: see deployment ls'
    const sentence = flags.check ? 'This would work.\n' : `deployment ${id} ${state}\n`
    const isLive = flags.auto_promote && (waits || answer['result'] === 'no_changes')
    const said = { what: 'deployment', sentence, dashboards, isLive, isCheck: flags.check } as const
    await showDeployed(call, deployed, said)
  },
}

interface Rest {
  readonly what: 'deployment' | 'build'
  /** Said of a success. */
  readonly sentence: string
  /** null: the project has none. */
  readonly dashboards: readonly DashboardFile[] | null
  /** Whether what the files say is what is asked now. */
  readonly isLive: boolean
  readonly isCheck: boolean
}

/** Says what the deployment came to, then sends the dashboards. JSON comes once, at the end. */
export async function showDeployed(call: CliCall, deployed: Body, rest: Rest): Promise<void> {
  const { what, dashboards, isLive, isCheck } = rest
  const isAll = dashboards === null || deployed['result'] === 'failed'
  if (isAll || !call.isJson)
    showDeployResult(call, deployed, what, isAll ? '' : ' in the datafiles')
  if (!call.isJson && deployed['result'] === 'success') call.world.out(rest.sentence)
  if (dashboards === null) return
  const report = await deployDashboards(call, dashboards, isLive)
  if (call.isJson) showDeployResult(call, { ...deployed, dashboards: report }, what)
  else call.world.out(dashboardLines(report, isCheck).join(''))
  refuseUnsent(report)
}
