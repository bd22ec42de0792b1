import type { ResultFormat } from './result-body.ts'

/**
 * The parts of a response, as clients of Apollo take subscriptions. The boundary that ends a part is sent with
 * it: clients hold a part back until they have seen that.
 *
 * @see https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
export const multipartSubscription: ResultFormat = {
  transport: 'multipart',
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: '\r\n--graphql',
  keepAlive: part('{}'),
  next: (json) => part(`{"payload":${json}}`),
  complete: '--\r\n',
}

function part(json: string): string {
  return `\r\nContent-Type: application/json\r\n\r\n${json}\r\n--graphql`
}
