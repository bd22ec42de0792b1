import type { Dice } from './dice.ts'
import { graphqlPayload, junk, mutate, mutateText, type Json } from './payloads.ts'

/** A request over HTTP: a good one, one whose body is not, or one that is hardly HTTP. */
export function httpRequest(dice: Dice, host: string): Buffer {
  return dice.pick([wellFormed, wellFormed, urlRequest, oddHeaders, malformed])(dice, host)
}

function body(dice: Dice): string {
  const payload = graphqlPayload(dice)
  return dice.pick<() => string>([
    () => JSON.stringify(payload),
    () => JSON.stringify(payload),
    () => JSON.stringify(mutate(dice, payload)),
    () => mutateText(dice, JSON.stringify(payload)),
    () => JSON.stringify([payload, payload]),
    () => JSON.stringify(junk(dice)),
    () => JSON.stringify({ query: '{ __typename }', variables: 'x'.repeat(60_000 + dice.below(20_000)) }),
    () => '['.repeat(dice.below(60_000)),
    () => '',
  ])()
}

interface RequestParts {
  readonly start?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

function request(
  host: string,
  { start = 'POST /graphql HTTP/1.1', headers = [], body: text = '' }: RequestParts,
): Buffer {
  return Buffer.from(`${[start, `Host: ${host}`, ...headers].join('\r\n')}\r\n\r\n${text}`)
}

function wellFormed(dice: Dice, host: string): Buffer {
  const text = body(dice)
  const accept = dice.pick([
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'text/event-stream',
    'multipart/mixed;subscriptionSpec=1.0',
  ])
  return request(host, {
    headers: [
      `Accept: ${accept}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
    ],
    body: text,
  })
}

function urlRequest(dice: Dice, host: string): Buffer {
  const payload = graphqlPayload(dice)
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(
    dice.chance(0.5) ? payload : { ...payload, variables: junk(dice) },
  )) {
    search.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  const path = dice.pick([
    '/graphql',
    '/graphql',
    '/',
    '/graphql/graphiql/x',
    '/graphql/../..',
    '/%',
    '//',
    '/graphql/stream',
  ])
  // Some of it is no URL any more, but still a line of its own.
  const query = dice.chance(0.2) ? mutateText(dice, `${search}`).replaceAll(/[^!-~]/g, '%') : `${search}`
  const method = dice.pick(['GET', 'GET', 'HEAD', 'OPTIONS', 'DELETE', 'PUT', 'PATCH'])
  return request(host, {
    start: `${method} ${path}?${query} HTTP/1.1`,
    headers: [
      `Accept: ${dice.pick(['text/html', '*/*', 'text/event-stream', 'application/json;q=x', ',', ''])}`,
    ],
  })
}

function oddHeaders(dice: Dice, host: string): Buffer {
  const text = body(dice)
  const length = Buffer.byteLength(text)
  const headers = [
    dice.pick([
      'Content-Type: application/json; charset=utf-16',
      'Content-Type: application/graphql+json',
      'Content-Type: multipart/form-data; boundary=x',
      'Content-Type: application/x-www-form-urlencoded',
      'Content-Type:',
      'Content-Type: application/json',
    ]),
    dice.pick([
      `Content-Length: ${length}`,
      `Content-Length: ${length + 100}`,
      `Content-Length: ${Math.max(0, length - 10)}`,
      'Content-Length: 99999999999999999999',
      'Content-Length: -1',
      `Content-Length: ${length}\r\nTransfer-Encoding: chunked`,
      'Transfer-Encoding: chunked',
      'Expect: 100-continue\r\nContent-Length: 5',
      'Content-Encoding: gzip',
      `Content-Length: ${length}\r\nOrigin: https://evil.example`,
      `Content-Length: ${length}\r\nX-GraphQL-Event-Stream-Token: ${dice.below(100)}`,
      `Content-Length: ${length}\r\nAuthorization: ${dice.pick(['Bearer', 'Bearer x', 'Basic eA==', 'x'.repeat(5_000)])}`,
    ]),
    dice.pick([
      'Accept: */*',
      `X: ${'x'.repeat(dice.below(20_000))}`,
      'Upgrade: h2c',
      'Connection: close',
      'Cookie: a=b',
    ]),
  ]
  return request(host, { headers, body: text })
}

function malformed(dice: Dice, host: string): Buffer {
  const good = wellFormed(dice, host)
  const at = dice.below(good.length)
  return dice.pick<() => Buffer>([
    () => good.subarray(0, at),
    () => Buffer.concat([good.subarray(0, at), dice.bytes(1 + dice.below(10)), good.subarray(at)]),
    () => dice.bytes(dice.below(500)),
    () => Buffer.from(mutateText(dice, good.subarray(0, 200).toString('latin1')), 'latin1'),
    () =>
      Buffer.from(
        `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
          dice.pick([
            'zz\r\n',
            '5\r\nabc',
            'ffffffffffffffff\r\n',
            '2\r\n{}\r\n0\r\n\r\n',
            '1\r\n{\r\n'.repeat(500),
          ]),
      ),
  ])()
}

/** A request of the single connection mode of GraphQL over SSE: for its stream, or for an operation over it. */
export function streamRequest(
  dice: Dice,
  host: string,
  { method, token }: { readonly method: string; readonly token?: string },
): Buffer {
  const operationId = dice.pick<Json>([`${dice.below(5)}`, `${dice.below(5)}`, 'x'.repeat(300), junk(dice)])
  const payload = { ...graphqlPayload(dice), extensions: { operationId } }
  const text = JSON.stringify(dice.chance(0.2) ? mutate(dice, payload) : payload)
  const search = method === 'DELETE' ? `?operationId=${dice.below(5)}` : ''
  return request(host, {
    start: `${method} /graphql${search} HTTP/1.1`,
    headers: [
      ...(token === undefined || dice.chance(0.05) ? [] : [`X-GraphQL-Event-Stream-Token: ${token}`]),
      method === 'GET' ? 'Accept: text/event-stream' : 'Accept: */*',
      ...(method === 'POST'
        ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]
        : []),
    ],
    ...(method === 'POST' ? { body: text } : {}),
  })
}
