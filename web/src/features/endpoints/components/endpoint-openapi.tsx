import { download } from '@/lib/download.ts'
import { documentOf } from '@/lib/endpoints/endpoint-description.ts'
import { useOpenapi } from '@/lib/endpoints/get-openapi.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/code-block.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'

/** The endpoint as OpenAPI says it, as your token sees it: for generators of clients and for gateways. */
export function EndpointOpenapi({ pipe }: { pipe: string }) {
  const openapi = useOpenapi()
  return (
    <Card title="OpenAPI 3.0">
      <QueryView query={openapi}>
        {(document) => {
          const text = JSON.stringify(documentOf(document, pipe), null, 2)
          return (
            <div className="flex flex-col gap-3">
              <div className="flex flex-wrap gap-2">
                <Button onClick={() => download(`${pipe}.openapi.json`, text, 'application/json')}>
                  Download this endpoint
                </Button>
                <Button
                  onClick={() =>
                    download('openapi.json', JSON.stringify(document, null, 2), 'application/json')
                  }
                >
                  Download all endpoints
                </Button>
              </div>
              <div className="text-sm text-muted">
                The server answers it at <code>{location.origin}/v0/pipes/openapi.json</code>, to
                each token with what that token may call.
              </div>
              <CodeBlock code={text} label="OpenAPI document" />
            </div>
          )
        }}
      </QueryView>
    </Card>
  )
}
