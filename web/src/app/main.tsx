import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { pageNonce } from '@/lib/nonce.ts'
import { applyTheme } from '@/lib/theme.ts'

import { Provider } from './provider.tsx'
import './styles.css'

setNonce(pageNonce())
applyTheme()
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Provider />
  </StrictMode>,
)
