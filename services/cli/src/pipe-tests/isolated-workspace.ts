// Tests touch nothing of the workspace they are run from: they have a branch of their own, which goes however they end.
import { randomBytes } from 'node:crypto'
import { createBranch, findBranch, removeBranch } from '../branches.ts'
import type { CliCall } from '../cli-call.ts'
import type { Client } from '../client.ts'
import { showDeployResult } from '../deploy-result.ts'
import { projectBody, readProject } from '../project.ts'
import { listIn, textIn } from '../show.ts'
import { loadFixtures } from './load-fixtures.ts'

const PREFIX = 'sandpiper_test_'
/** Milliseconds after which a branch of a run that was killed is taken for one. */
const LEFT_MS = 3_600_000

/** The project with its fixtures, in a branch for `work` alone. */
export async function inIsolation<Value>(
  call: CliCall,
  folder: string,
  work: (client: Client) => Promise<Value>,
): Promise<Value> {
  const files = readProject(folder)
  const name = `${PREFIX}${randomBytes(8).toString('hex')}`
  const say = (text: string): void => {
    if (call.world.isTerminal) call.world.err(text)
  }
  try {
    const { token } = await createBranch(call.client, name)
    const client = call.connect({ token })
    say(`Building ${files.length} files into a branch of its own ...\n`)
    const built = await client.call('POST', '/v1/build', projectBody(files))
    if (built['result'] === 'failed') showDeployResult(call, built, 'build')
    await loadFixtures(client, folder, { say, warn: call.world.err })
    return await work(client)
  } finally {
    await removeOwnAndLeft(call, name)
  }
}

async function removeOwnAndLeft({ connect, world }: CliCall, name: string): Promise<void> {
  const client = connect({ isCleanup: true })
  try {
    // By its name: a run that was interrupted may not know the id.
    const own = await findBranch(client, name)
    if (own !== null) await removeBranch(client, own.id)
    const branches = listIn(await client.call('GET', '/v1/environments'), 'environments')
    const left = branches.filter(
      (each) =>
        textIn(each, 'name').startsWith(PREFIX) &&
        world.now() - Date.parse(`${textIn(each, 'created_at').replace(' ', 'T')}Z`) > LEFT_MS,
    )
    for (const each of left) await removeBranch(client, textIn(each, 'id'))
  } catch (err) {
    world.err(
      `The branch ${name} may still be there: ${err instanceof Error ? err.message : String(err)}\nRemove it: sandpiper branch rm ${name}\n`,
    )
  }
}
