export { StartError, systemCode } from '@sandpiper/hosting'
