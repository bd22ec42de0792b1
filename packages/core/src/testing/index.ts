export { systemClock, type CancelTimer, type Clock } from '../clock.ts'
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'
