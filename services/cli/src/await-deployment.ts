import type { CliCall } from './cli-call.ts'
import { CliError } from './cli-error.ts'
import type { Body } from './client.ts'
import { plain } from './print.ts'
import { inPath, objectIn, textIn } from './show.ts'

const FIRST_PAUSE_MS = 50
const PAUSE_MS_MAX = 2_000

/** The deployment once it is live, or ready to become so. @throws CliError when it failed. */
export async function awaitDeployment(
  { client, world }: CliCall,
  id: string,
  isToBeLive: boolean,
): Promise<Body> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 1.5)) {
    const body = await client.call('GET', `/v1/deployments/${inPath(id)}`)
    const deployment = objectIn(body, 'deployment')
    const status = textIn(deployment, 'status')
    if (status === 'failed' || status === 'deleting' || status === 'deleted')
      throw new CliError(`deployment ${id} ${status}: ${whyFailed(deployment)}`)
    if (isToBeLive ? deployment['live'] === true : status === 'data_ready') return deployment
    if (world.isTerminal) world.err(`\rdeployment ${id}: ${plain(status)}   `)
    await world.sleep(pauseMs)
  }
}

function whyFailed(deployment: Body): string {
  const feedback = deployment['feedback']
  const errors = (Array.isArray(feedback) ? (feedback as Body[]) : []).filter(
    (each) => each['level'] === 'ERROR',
  )
  const texts = errors.map((each) => `${textIn(each, 'resource')}: ${textIn(each, 'message')}`)
  return texts.join('; ') || 'see sandpiper deployment ls --include-deleted'
}
