import { DeploymentList } from '@/features/deployments/components/deployment-list.tsx'
import { Page } from '@/ui/page.tsx'

export function DeploymentsPage() {
  return (
    <Page
      title="Deployments"
      about="Each one is the whole project. What is staged changes nothing until it is promoted."
    >
      <DeploymentList />
    </Page>
  )
}
