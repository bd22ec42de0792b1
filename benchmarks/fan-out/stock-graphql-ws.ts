import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { contextOf, listen, schema, type Contender } from './contender.ts'

/** graphql-ws on `ws`, with the engine of graphql-js. */
export const stockGraphqlWs: Contender = async (operations) => {
  const server = await listen()
  const context = contextOf(operations)
  useServer({ schema, context: () => context }, new WebSocketServer({ server, path: '/graphql' }))
  return server
}
