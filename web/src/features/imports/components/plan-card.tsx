import type { DeployBody } from '@sandpiper/contracts'

import { isForbidden } from '@/lib/api-error.ts'
import { useQuiet } from '@/lib/use-quiet.ts'
import { Badge } from '@/ui/badge.tsx'
import { CodeBlock } from '@/ui/code-block.tsx'
import { Card } from '@/ui/page.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useCheckedPlan } from '../api/check-plan.ts'
import { datafileText, type SchemaDraft } from '../schema-draft.ts'

/** The datafile, and what the server says that deploying it would do. */
export function PlanCard({ draft }: { draft: SchemaDraft }) {
  const plan = useCheckedPlan(useQuiet(draft, 500))
  // Who may make data sources but not deploy gets no plan; the server judges when it is made.
  const isHidden = plan.isError && isForbidden(plan.error)
  return (
    <Card title="What will be deployed">
      <div className="flex flex-col gap-3">
        {plan.isError && !isHidden ? <ErrorBox error={plan.error} /> : null}
        {plan.data === undefined ? null : <Plan body={plan.data} />}
        <CodeBlock code={datafileText(draft)} label={`${draft.name}.datasource`} />
        <p className="text-sm text-muted">
          It becomes part of the live project; nothing else of it changes. Take the file into your
          own copy of the project before you deploy that the next time.
        </p>
      </div>
    </Card>
  )
}

function Plan({ body: { result, deployment, errors = [] } }: { body: DeployBody }) {
  const made = deployment?.new_datasource_names ?? []
  const changed = deployment?.changed_datasource_names ?? []
  return (
    <div role="status" className="flex flex-col gap-2 text-sm">
      <p className="flex flex-wrap gap-2">
        {made.map((name) => (
          <Badge key={name} tone="good">
            new: {name}
          </Badge>
        ))}
        {changed.map((name) => (
          <Badge key={name} tone="bad">
            {name} is there already: give another name
          </Badge>
        ))}
        {result === 'no_changes' ? (
          <Badge tone="bad">This data source is there already</Badge>
        ) : null}
      </p>
      {errors.map(({ error }) => (
        <p key={error} role="alert" className="font-mono text-xs break-words text-bad">
          {error}
        </p>
      ))}
      {(deployment?.feedback ?? [])
        .filter(({ level }) => level === 'WARNING')
        .map(({ message }) => (
          <p key={message} className="text-xs break-words text-warn">
            {message}
          </p>
        ))}
    </div>
  )
}
