import { useMemo } from 'react'

import { download } from '@/lib/download.ts'
import type { EndpointAnswer } from '@/lib/endpoints/call-endpoint.ts'
import { formatBytes, formatCount, formatSeconds } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { ResultChart } from '@/ui/chart/result-chart.tsx'
import { CodeBlock } from '@/ui/code-block.tsx'
import { ResultGrid } from '@/ui/result-grid.tsx'
import { Tabs } from '@/ui/tabs.tsx'

const LOOKS = ['table', 'chart', 'json'] as const
export type AnswerLook = (typeof LOOKS)[number]

export interface AnswerViewProps {
  pipe: string
  format: string
  answer: EndpointAnswer
  look: AnswerLook
  onLook: (look: AnswerLook) => void
}

/** More text than this is for a file, not for a page. */
const TEXT_MAX = 200_000

export function AnswerView({ pipe, format, answer, look, onLook }: AnswerViewProps) {
  const { result } = answer
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Figures answer={answer} />
        <div className="flex-1" />
        <Button onClick={() => download(`${pipe}.${format}`, answer.body, answer.contentType)}>
          Download
        </Button>
      </div>
      {result === null ? (
        <AnswerText answer={answer} format={format} />
      ) : (
        <Tabs
          label="Look of the answer"
          value={look}
          onChange={(id) => onLook(LOOKS.find((each) => each === id) ?? 'table')}
          tabs={[
            {
              id: 'table',
              label: 'Table',
              content: () => (
                <ResultGrid label={`Rows of ${pipe}`} columns={result.meta} rows={result.data} />
              ),
            },
            {
              id: 'chart',
              label: 'Chart',
              content: () => (
                <ResultChart
                  label={`Chart of ${pipe}`}
                  result={result}
                  chart={{ type: 'bar' }}
                  heightPx={360}
                />
              ),
            },
            {
              id: 'json',
              label: 'JSON',
              content: () => <AnswerText answer={answer} format="json" />,
            },
          ]}
        />
      )}
    </div>
  )
}

function Figures({ answer }: { answer: EndpointAnswer }) {
  const { status, milliseconds, bytes, cache, result, requestId } = answer
  return (
    <>
      <Badge tone="good">{status}</Badge>
      <span className="text-xs text-muted" role="status">
        {result === null ? '' : `${formatCount(result.rows)} rows, `}
        {formatBytes(bytes)} in {formatSeconds(milliseconds / 1_000)}
        {cache === null ? '' : `, cache ${cache}`}
      </span>
      <Read result={result} />
      {requestId === null ? null : (
        <span className="font-mono text-xs text-muted">{requestId}</span>
      )}
    </>
  )
}

/** Tokens that see some rows only are not told what was read. */
function Read({ result }: { result: EndpointAnswer['result'] }) {
  const read = result?.statistics as { rows_read: number; bytes_read: number } | undefined
  if (read === undefined) return null
  return (
    <span className="text-xs text-muted">
      read {formatCount(read.rows_read)} rows, {formatBytes(read.bytes_read)}
    </span>
  )
}

function AnswerText({ answer, format }: { answer: EndpointAnswer; format: string }) {
  const text = useMemo(
    () => new TextDecoder().decode(answer.body.slice(0, TEXT_MAX)),
    [answer.body],
  )
  if (format === 'parquet')
    return <p className="text-sm text-muted">Parquet is no text: download it.</p>
  return (
    <div className="flex flex-col gap-2">
      <CodeBlock code={text} label={`Answer as ${format}`} />
      {answer.bytes > TEXT_MAX ? (
        <p className="text-xs text-muted">
          The first {formatBytes(TEXT_MAX)} of {formatBytes(answer.bytes)}. The download has all.
        </p>
      ) : null}
    </div>
  )
}
