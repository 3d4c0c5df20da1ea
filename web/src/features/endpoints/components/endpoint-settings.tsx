import type { LimitListBody } from '@sandpiper/contracts'

import { formatBytes, formatCount } from '@/lib/format.ts'
import { useLimits } from '@/lib/get-limits.ts'
import { useLiveFile } from '@/lib/project/get-live-file.ts'
import { Badge } from '@/ui/badge.tsx'
import { CodeBlock } from '@/ui/code-block.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { SimpleTable } from '@/ui/simple-table.tsx'

import { type SettingLine, settingLines } from '../settings-lines.ts'

/** Read-only: the datafile is where settings are made, and a deployment is what makes them so. */
export function EndpointSettings({ pipe }: { pipe: string }) {
  const datafile = useLiveFile(`${pipe}.pipe`)
  const limits = useLimits()
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Card
        title={`${pipe}.pipe`}
        actions={
          <PlaceLink to={`pipes/${encodeURIComponent(pipe)}`} className="text-sm text-accent">
            Edit the pipe
          </PlaceLink>
        }
      >
        <QueryView query={datafile}>
          {(text) => (
            <div className="flex flex-col gap-4">
              <SettingLines lines={settingLines(text ?? '')} />
              <CodeBlock code={numbered(text ?? '')} label="Datafile with line numbers" />
            </div>
          )}
        </QueryView>
      </Card>
      <Card title="Limits of a request with your token" pad={false}>
        <QueryView query={limits}>{(body) => <Limits body={body} />}</QueryView>
      </Card>
    </div>
  )
}

function SettingLines({ lines }: { lines: readonly SettingLine[] }) {
  const isKept = lines.some(({ means }) => means.startsWith('An answer is kept'))
  return (
    <ul className="flex flex-col gap-2 text-sm">
      {lines.map(({ line, text, means }) => (
        <li key={line} className="flex flex-wrap items-baseline gap-2">
          <Badge>line {line}</Badge>
          <code className="font-mono text-xs break-all">{text}</code>
          <span className="text-muted">{means}</span>
        </li>
      ))}
      {isKept ? null : (
        <li className="text-muted">
          Answers are not kept. A line <code>CACHE 30</code> below <code>TYPE endpoint</code> keeps
          each for 30 seconds.
        </li>
      )}
    </ul>
  )
}

function Limits({ body }: { body: LimitListBody }) {
  return (
    <>
      <SimpleTable
        label="Limits"
        rows={body.limits}
        keyOf={({ name }) => name}
        columns={[
          {
            id: 'name',
            header: 'Limit',
            cell: ({ name }) => <span className="font-mono text-xs">{name}</span>,
          },
          {
            id: 'value',
            header: 'Value',
            align: 'right',
            cell: ({ value, unit }) =>
              unit === 'bytes' ? formatBytes(value) : `${formatCount(value)} ${unit}`,
          },
          { id: 'from', header: 'Set by', cell: ({ from }) => from },
        ]}
      />
      <p className="p-4 text-sm text-muted">
        Of several the smallest holds. A JWT can have a limit of its own, in requests a second.
      </p>
    </>
  )
}

function numbered(text: string): string {
  const lines = text.trimEnd().split('\n')
  const width = String(lines.length).length
  return lines.map((line, at) => `${String(at + 1).padStart(width)}  ${line}`).join('\n')
}
