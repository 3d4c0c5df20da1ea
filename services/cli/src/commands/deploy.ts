import { resolve } from 'node:path'
import type { CommandSpec } from '../command-spec.ts'
import { showDeployResult } from '../deploy-result.ts'
import { awaitDeployment } from '../await-deployment.ts'
import { PROJECT_OPTION, projectBody, readProject } from '../project.ts'
import { objectIn, textIn } from '../show.ts'

export const deploy: CommandSpec = {
  usage: 'deploy',
  about: 'deploy the project: the workspace becomes what it says, or stays as it is',
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
    const files = readProject(resolve(options.text('project') ?? '.'))
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
    showDeployResult(call, end === null ? answer : { ...answer, deployment: end }, 'deployment')
    if (call.isJson || answer['result'] !== 'success') return
    const isLive = flags.auto_promote
    const state = waits ? (isLive ? 'is live' : 'is staged') : 'is under way: see deployment ls'
    call.world.out(flags.check ? 'This would work.\n' : `deployment ${id} ${state}\n`)
  },
}
