// One of the servers to compare, in a process of its own.
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { heapUsed } from '../measure.ts'
import { serve, type Child } from '../child-process.ts'
import { bareBroadcast } from './bare-broadcast.ts'
import { portOf, type Contender } from './contender.ts'
import { followOperations } from './followed-operations.ts'
import { gateway } from './gateway.ts'
import { stockGraphqlWs } from './stock-graphql-ws.ts'
import { yogaRecipe } from './yoga-recipe.ts'

export type ContenderName = 'gateway' | 'broadcast' | 'graphql-ws' | 'yoga'

const contenders: Readonly<Record<ContenderName, Contender>> = {
  gateway,
  broadcast: bareBroadcast,
  'graphql-ws': stockGraphqlWs,
  yoga: yogaRecipe,
}

const operations = followOperations()
const server = await contenders[process.argv[2] as ContenderName](operations.client)

const commands = {
  port: () => portOf(server),
  /** @returns how many checks there were */
  async checkEach(): Promise<number> {
    const before = operations.checks
    await operations.checkEach()
    return operations.checks - before
  },
  together: () => operations.together,
  finish: () => operations.finish(),
  /** Of this process so far, in microseconds. */
  cpuUs(): number {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  heapBytes: () => heapUsed(),
  /** Waits until nobody is connected any more. */
  async empty(): Promise<void> {
    const open = promisify(server.getConnections.bind(server))
    while ((await open()) > 0) await setTimeout(50)
  },
}

export type ServerProcess = Child<typeof commands>

serve(commands)
