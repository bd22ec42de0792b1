import type { ReportUnexpectedError } from '../errors/present-error.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { listen } from '../server/listen.ts'
import type { Configuration } from './configuration.ts'
import { connectGraph, type Graph } from './graph.ts'
import { stopRequested } from './signals.ts'
import { startText } from './start-text.ts'
import { suggestedSubscription } from './suggested-subscription.ts'

/** How long clients get to leave when the gateway stops. */
const STOP_WITHIN_MS = 3_000

/**
 * Serves until the process is asked to stop, and stops.
 *
 * @throws ReachableAddressError, ListenError when it can't listen where it should
 */
export async function serve(configuration: Configuration): Promise<void> {
  await using graph = await connectGraph(configuration)
  const gateway = gatewayFor(graph, (error, id) => console.error(`Unexpected error ${id}:`, error))
  const server = await listen(gateway, configuration)
  console.log(startText(server.origin, graph))
  const signal = await stopRequested()
  console.log(`\nStopping on ${signal}; once more stops at once.`)
  await server.stop(STOP_WITHIN_MS)
}

/** The gateway to a Graph, with an editor that holds what is worth running there. */
export function gatewayFor(graph: Graph, onUnexpectedError: ReportUnexpectedError): Gateway {
  return createGateway({
    operations: graph.operations,
    onUnexpectedError,
    graphiql: {
      query: () => {
        const location = graph.runningLocation()
        return location && suggestedSubscription(location)
      },
    },
  })
}
