import type { DeployBody } from '@sandpiper/contracts'
import type { UseQueryResult } from '@tanstack/react-query'

import { Badge } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Loading } from '@/ui/states.tsx'

import type { Plan } from '../api/deploy-changes.ts'
import { remarksOf, removedBy } from '../changes.ts'

const TONES = { ERROR: 'bad', WARNING: 'warn', INFO: 'plain' } as const

/** What the server found when it tried the changes without making them. */
export function PlanView({ plan, files }: { plan: UseQueryResult<Plan>; files: number }) {
  if (files === 0) return <p className="text-sm text-muted">Choose at least one file.</p>
  return (
    <Card title="What the server would do">
      <QueryView query={plan} loading={<Loading label="The server tries the changes" rows={2} />}>
        {({ answer, losses }) => <Outcome body={answer} losses={losses} />}
      </QueryView>
    </Card>
  )
}

function Outcome({ body, losses }: { body: DeployBody; losses: readonly string[] }) {
  const { deployment, result } = body
  const remarks = remarksOf(body)
  const removed = removedBy(deployment)
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p>{headline(result)}</p>
      {deployment === undefined ? null : (
        <ul className="flex flex-col gap-1">
          <Names
            word="New"
            names={[...deployment.new_datasource_names, ...deployment.new_pipe_names]}
          />
          <Names
            word="Changed"
            names={[...deployment.changed_datasource_names, ...deployment.changed_pipe_names]}
          />
          <Names word="Removed" names={removed} />
        </ul>
      )}
      {losses.length === 0 ? null : (
        <ul aria-label="What would be lost" className="flex flex-col gap-1.5">
          {losses.map((loss) => (
            <li key={loss} className="flex items-start gap-2">
              <Badge tone="bad">loses</Badge>
              <span className="min-w-0 break-words">{loss}</span>
            </li>
          ))}
        </ul>
      )}
      {remarks.length === 0 ? null : (
        <ul aria-label="Remarks of the server" className="flex flex-col gap-1.5">
          {remarks.map(({ level, resource, message }, at) => (
            <li key={at} className="flex items-start gap-2">
              <Badge tone={TONES[level]}>{level.toLowerCase()}</Badge>
              <span className="min-w-0 break-words">
                {resource === '' ? '' : `${resource}: `}
                {message}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Names({ word, names }: { word: string; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <li>
      <span className="text-muted">{word}:</span>{' '}
      <span className="font-mono text-xs">{names.join(', ')}</span>
    </li>
  )
}

function headline(result: DeployBody['result']): string {
  if (result === 'failed') return 'It cannot be published as it is.'
  if (result === 'no_changes') return 'Nothing of it differs from what is live.'
  return 'It fits. Nothing has been changed yet.'
}
