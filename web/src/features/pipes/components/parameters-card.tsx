import type { NodeParameterBody } from '@sandpiper/contracts'

import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'
import { Button } from '@/ui/button.tsx'
import { Card } from '@/ui/page.tsx'
import { ParamFields } from '@/ui/param-form.tsx'

import { paramOf } from '../node-params.ts'

/** The values that nodes run with. Nothing of it is published. */
export function ParametersCard({
  parameters,
  values,
  onChange,
}: {
  parameters: readonly NodeParameterBody[]
  values: ParamValues
  onChange: (values: ParamValues) => void
}) {
  const isSet = Object.values(values).some((value) => value !== '')
  return (
    <Card
      title="Parameters"
      actions={
        isSet ? (
          <Button look="quiet" onClick={() => onChange({})}>
            Clear
          </Button>
        ) : undefined
      }
    >
      {parameters.length === 0 ? (
        <p className="text-sm text-muted">
          None yet. Begin a node with <code>%</code> and write, say,{' '}
          <code>{"{{Int32(days, 7, description='How far back')}}"}</code>.
        </p>
      ) : (
        <ParamFields params={parameters.map(paramOf)} values={values} onChange={onChange} />
      )}
    </Card>
  )
}
