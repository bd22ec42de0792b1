import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { StartRequest } from '@teams-operations/core'
import { expect, test } from 'vitest'
import { createGateway } from '../../src/gateway.ts'
import { locationOf, scriptedOperations, teamId } from '../scripted-operations.ts'
import { launchBrowser } from './launch-browser.ts'

test('a browser does not send a mutation again whose connection broke before it was answered', async () => {
  const operations = scriptedOperations()
  const sockets = new Set<Socket>()
  const started: string[] = []
  const client = {
    ...operations.client,
    async submit({ description }: StartRequest) {
      started.push(description)
      // As when the gateway goes, for whatever reason, while Graph is asked.
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => setImmediate(resolve))
      return operations.client.ref(locationOf(1))
    },
  }
  await using gateway = createGateway({ operations: client, allowStart: true })
  const server = createServer(gateway.handleRequest)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${port}/graphql`)
    const outcome = await page.evaluate(
      async ([before, mutation]) => {
        const post = (query: string | undefined): Promise<Response> =>
          fetch('/graphql', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ query }),
          })
        // So that the mutation goes over a connection that was used before.
        await (await post(before)).text()
        try {
          return await (await post(mutation)).text()
        } catch {
          return 'failed'
        }
      },
      ['{ __typename }', `mutation { archiveTeam(teamId: "${teamId}") { location } }`],
    )
    expect(outcome).toBe('failed')
    expect(started).toEqual([`archive team ${teamId}`])
  } finally {
    await browser.close()
    server.close()
    server.closeAllConnections()
  }
})
