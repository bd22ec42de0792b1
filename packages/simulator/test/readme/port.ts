import { createSimulator } from '@teams-operations/simulator'
import { listen } from '@teams-operations/simulator/node'

const simulator = createSimulator({ time: 'real' })
const { origin, close } = await listen(simulator) // any port that is free, or { port: 4100 }

export { close, origin }
