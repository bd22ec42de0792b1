import * as graphql from 'graphql'
import { execute } from 'graphql'

/** The arguments of a subscription, of which the document and the variables have been looked into. */
export type SubscriptionArguments = graphql.ValidatedSubscriptionArgs

/**
 * Looks into the arguments of a subscription, once for all of its events.
 *
 * @returns them, or the errors because of which it can't be executed
 */
export function readArguments(
  args: graphql.ExecutionArgs,
): SubscriptionArguments | readonly graphql.GraphQLError[] {
  if ('validateSubscriptionArgs' in graphql) return graphql.validateSubscriptionArgs(args)
  // Version 16 of graphql-js has no such step, and takes the arguments as they are in the next.
  const unread: object = args
  return unread as SubscriptionArguments
}

/** Executes a subscription for one of its events. */
export function executeEvent(
  args: SubscriptionArguments,
  event: unknown,
): graphql.ExecutionResult | Promise<graphql.ExecutionResult> {
  const ofEvent = { ...args, rootValue: event }
  if ('executeSubscriptionEvent' in graphql) return graphql.executeSubscriptionEvent(ofEvent)
  const unread: object = ofEvent
  return execute(unread as graphql.ExecutionArgs)
}
