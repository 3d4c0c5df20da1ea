export { createClosing, type Closing } from '@sandpiper/hosting'
