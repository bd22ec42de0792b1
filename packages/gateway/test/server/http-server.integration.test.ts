import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startHttpServer } from '../../src/server/http-server.ts'

test('a client that never ends its request is let go, and told why', async () => {
  await using http = await startHttpServer((_, response) => response.end(), { host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(http.origin).port), '127.0.0.1')
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  // A header every now and then, as if it was only slow.
  socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\n')
  const timer = setInterval(() => socket.write('X: y\r\n'), 1_000)
  socket.on('error', () => {})
  await once(socket, 'close')
  clearInterval(timer)
  expect(heard).toContain('HTTP/1.1 408 Request Timeout')
}, 30_000)
