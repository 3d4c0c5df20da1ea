export { DOOR_LIMITS, openDoor, type Door, type DoorCounters } from '@sandpiper/hosting'
