import { getRouteApi, useNavigate } from '@tanstack/react-router'

import { EndpointOpenapi } from '@/features/endpoints/components/endpoint-openapi.tsx'
import { EndpointPerformance } from '@/features/endpoints/components/endpoint-performance.tsx'
import { EndpointSettings } from '@/features/endpoints/components/endpoint-settings.tsx'
import { EndpointSnippets } from '@/features/endpoints/components/endpoint-snippets.tsx'
import { EndpointTokens } from '@/features/endpoints/components/endpoint-tokens.tsx'
import { TryEndpoint } from '@/features/endpoints/components/try-endpoint.tsx'
import { JwtBuilder } from '@/features/jwt-builder/components/jwt-builder.tsx'
import { type EndpointDescription, endpointsOf } from '@/lib/endpoints/endpoint-description.ts'
import { endpointPath } from '@/lib/endpoints/call-endpoint.ts'
import { useOpenapi } from '@/lib/endpoints/get-openapi.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { buttonClass } from '@/ui/button.tsx'
import { Page } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty } from '@/ui/states.tsx'
import { type Tab, Tabs } from '@/ui/tabs.tsx'

import { type EndpointSearch, TABS } from './search.ts'

const route = getRouteApi('/w/$place/endpoints/$endpoint')

export function EndpointPage() {
  const { endpoint: name } = route.useParams()
  const openapi = useOpenapi()
  return (
    <QueryView query={openapi}>
      {(document) => {
        const found = endpointsOf(document).find((each) => each.name === name)
        return found === undefined ? <NoEndpoint name={name} /> : <OneEndpoint endpoint={found} />
      }}
    </QueryView>
  )
}

function OneEndpoint({ endpoint }: { endpoint: EndpointDescription }) {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/w/$place/endpoints/$endpoint' })
  const change = (changed: EndpointSearch): void =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
  const may = useMay()
  const { name, description } = endpoint
  return (
    <Page
      title={name}
      about={
        <>
          <code className="text-xs">GET {endpointPath(name, 'json')}</code>
          {description === undefined ? null : <p>{description}</p>}
        </>
      }
      actions={
        <PlaceLink to={`pipes/${encodeURIComponent(name)}`} className={buttonClass()}>
          Open the pipe
        </PlaceLink>
      }
    >
      <Tabs
        label={`Views of ${name}`}
        value={search.tab ?? 'try'}
        onChange={(id) => {
          const tab = TABS.find((each) => each === id)
          if (tab !== undefined) void navigate({ search: (before) => ({ ...before, tab }) })
        }}
        tabs={tabsOf(endpoint, search, change).filter(
          ({ id }) => id !== 'jwt' || may('manage tokens'),
        )}
      />
    </Page>
  )
}

function tabsOf(
  endpoint: EndpointDescription,
  {
    params = {},
    format = 'json',
    look = 'table',
    language = 'curl',
    range = '24h',
  }: EndpointSearch,
  change: (changed: EndpointSearch) => void,
): Tab[] {
  const { name: pipe } = endpoint
  return [
    {
      id: 'try',
      label: 'Try it',
      content: () => (
        <TryEndpoint endpoint={endpoint} trial={{ params, format, look }} onChange={change} />
      ),
    },
    {
      id: 'use',
      label: 'Use it',
      content: () => (
        <EndpointSnippets
          pipe={pipe}
          params={params}
          language={language}
          onLanguage={(chosen) => change({ language: chosen })}
        />
      ),
    },
    { id: 'openapi', label: 'OpenAPI', content: () => <EndpointOpenapi pipe={pipe} /> },
    {
      id: 'performance',
      label: 'Performance',
      content: () => (
        <EndpointPerformance
          pipe={pipe}
          range={range}
          onRange={(chosen) => change({ range: chosen })}
        />
      ),
    },
    { id: 'settings', label: 'Settings', content: () => <EndpointSettings pipe={pipe} /> },
    { id: 'tokens', label: 'Tokens', content: () => <EndpointTokens pipe={pipe} /> },
    { id: 'jwt', label: 'JWT builder', content: () => <JwtBuilder pipe={pipe} /> },
  ]
}

function NoEndpoint({ name }: { name: string }) {
  return (
    <Page title={name}>
      <Empty title="There is no such endpoint">
        Your token may call no endpoint of this name.{' '}
        <PlaceLink to="endpoints" className="text-accent underline">
          All endpoints
        </PlaceLink>
      </Empty>
    </Page>
  )
}
