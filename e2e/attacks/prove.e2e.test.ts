// That the attacks can get through, shown on the quickest two; `pnpm attack --prove` shows it on all.
import { expect, test } from 'vitest'
import { MUTATIONS } from './mutations.ts'
import { attackMutant } from './prove.ts'

test.each(['fixed parameters are not applied', 'signatures of JWTs are not checked'])(
  'the attacks find out that %s',
  async (name) => {
    const mutation = MUTATIONS.find((each) => each.name === name)
    if (mutation === undefined) throw new Error('there is no such mutation')
    const verdicts = await attackMutant(mutation)
    expect(verdicts.map(({ evidence }) => evidence === null)).toEqual([false])
  },
)
