import type { ExecutionArgs } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { contextOf, listen, schema, type Contender } from './contender.ts'

/** What `rootValue` carries there: the engine of Yoga, with its plugins. */
type Engine = Pick<ReturnType<ReturnType<typeof createYoga>['getEnveloped']>, 'execute' | 'subscribe'>

/**
 * Yoga with graphql-ws, as its documentation has it.
 *
 * @see https://the-guild.dev/graphql/yoga-server/docs/features/subscriptions#graphql-over-websocket-protocol-via-graphql-ws
 */
export const yogaRecipe: Contender = async (operations) => {
  const context = contextOf(operations)
  const yoga = createYoga({ schema, context: () => context, logging: false })
  const server = await listen((request, response) => void yoga(request, response))
  useServer(
    {
      execute: (args) => engineOf(args).execute(args),
      subscribe: (args) => engineOf(args).subscribe(args),
      async onSubscribe({ extra }, _, { query, operationName, variables }) {
        const params = { query, operationName, variables }
        const enveloped = yoga.getEnveloped({ req: extra.request, socket: extra.socket, params })
        const { parse, validate, contextFactory, execute, subscribe } = enveloped
        const args = {
          schema: enveloped.schema,
          operationName,
          document: parse(query),
          variableValues: variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe } satisfies Engine,
        }
        const errors = validate(args.schema, args.document)
        return errors.length > 0 ? errors : args
      },
    },
    new WebSocketServer({ server, path: yoga.graphqlEndpoint }),
  )
  return server
}

function engineOf({ rootValue }: ExecutionArgs): Engine {
  return rootValue as Engine
}
