import type { Exchange } from '../exchange.ts'
import type { Reply } from '../reply.ts'

const jsonContentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

const diagnostic = JSON.stringify({
  ServerInfo: {
    DataCenter: 'West Europe',
    Slice: 'E',
    Ring: '5',
    ScaleUnit: '000',
    RoleInstance: 'SIMULATOR',
  },
})

/** What an answer has in any case, under what it brings along. */
export function responseHeaders(exchange: Exchange, reply: Reply): Reply['headers'] {
  return {
    'request-id': exchange.requestId,
    'client-request-id': exchange.request.headers['client-request-id'] ?? exchange.requestId,
    'x-ms-ags-diagnostic': diagnostic,
    date: new Date(exchange.clock.now()).toUTCString(),
    'strict-transport-security': 'max-age=31536000',
    'cache-control': 'no-cache',
    ...contentHeaders(reply),
    ...reply.headers,
  }
}

/** The same for an item of a batch, which leaves to the envelope what is the envelope's. */
export function itemHeaders(reply: Reply): Reply['headers'] {
  return { 'cache-control': 'no-cache', ...contentHeaders(reply), ...reply.headers }
}

function contentHeaders({ status, body }: Reply): Reply['headers'] {
  if (body === undefined) return {}
  if (!('json' in body)) return { 'content-type': body.contentType }
  return status < 300
    ? { 'odata-version': '4.0', 'content-type': jsonContentType }
    : { 'content-type': 'application/json' }
}
