import { getRouteApi } from '@tanstack/react-router'

import { useDeployments } from '@/features/deployments/api/get-deployments.ts'
import { DeploymentActions } from '@/features/deployments/components/deployment-actions.tsx'
import { DeploymentDetail } from '@/features/deployments/components/deployment-detail.tsx'
import { StateBadge } from '@/features/deployments/components/state-badge.tsx'
import { Page } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty } from '@/ui/states.tsx'

const route = getRouteApi('/w/$place/deployments/$id')

export function DeploymentPage() {
  const { id } = route.useParams()
  const deployments = useDeployments()
  const found = deployments.data?.find((each) => each.id === id)
  return (
    <Page
      title={
        <span className="flex items-center gap-2">
          Deployment #{id}
          {found === undefined ? null : <StateBadge deployment={found} />}
        </span>
      }
      about={<PlaceLink to="deployments">All deployments</PlaceLink>}
      actions={
        found === undefined ? undefined : (
          <DeploymentActions deployment={found} all={deployments.data ?? []} />
        )
      }
    >
      <QueryView query={deployments}>
        {() =>
          found === undefined ? (
            <Empty title={`There is no deployment #${id}`}>
              It may have been made in another workspace or branch.
            </Empty>
          ) : (
            <DeploymentDetail deployment={found} />
          )
        }
      </QueryView>
    </Page>
  )
}
