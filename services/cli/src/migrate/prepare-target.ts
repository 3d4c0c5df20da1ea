// The target gets the datafiles, and nothing in it that would add rows by itself.
import type { CliCall } from '../cli-call.ts'
import { CliError } from '../cli-error.ts'
import type { Client } from '../client.ts'
import { awaitDeployment } from '../await-deployment.ts'
import { showDeployResult } from '../deploy-result.ts'
import { projectBody, type ProjectFile } from '../project.ts'
import { inPath, objectIn, textIn } from '../show.ts'

/** Deploys the files as they are and waits until they are live. @throws CliError when they were refused. */
export async function deployTo(
  call: CliCall,
  target: Client,
  files: readonly ProjectFile[],
): Promise<void> {
  const answer = await target.call('POST', '/v1/deploy?auto_promote=true', projectBody(files))
  if (answer['result'] === 'failed') showDeployResult(call, answer, 'deployment')
  const id = textIn(objectIn(answer, 'deployment'), 'id')
  if (answer['result'] === 'success' && id !== '0')
    await awaitDeployment({ ...call, client: target }, id, true)
}

/** Copy pipes that ran while rows arrive would copy some of them twice. @returns those that could not be paused. */
export async function pauseCopies(target: Client, pipes: readonly string[]): Promise<string[]> {
  const running: string[] = []
  for (const pipe of pipes) {
    try {
      await target.call('POST', `/v0/pipes/${inPath(pipe)}/copy/pause`)
    } catch (err) {
      if (!(err instanceof CliError)) throw err
      // 404 and 501: a server that has no schedules runs none.
      if (err.status !== 404 && err.status !== 501) running.push(pipe)
    }
  }
  return running
}
