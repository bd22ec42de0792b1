import {
  BatchRequestContent,
  BatchResponseContent,
  GraphError,
  PageIterator,
  ResponseType,
  type Client,
} from '@microsoft/microsoft-graph-client'
import { expect } from 'vitest'
import type { Simulator } from '../src/index.ts'

/** The client cuts off the origin, and sends as the relative URL whatever is left: no version then. */
const versionless = 'https://graph.microsoft.com'

interface Scenario {
  readonly name: string
  /** Whether the client would take links without TLS for paths. */
  readonly needsTls?: boolean
  readonly run: (client: Client, simulator: Simulator) => Promise<void>
}

/** What Microsoft's client is used for around operations; the same in process and over a port. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'starts an operation and reads it at its Location',
    async run(client, { tenant }) {
      const team = tenant.addTeam()
      const accepted = (await client
        .api(`/teams/${team.id}/archive`)
        .responseType(ResponseType.RAW)
        .post({ shouldSetSpoSiteReadOnlyForMembers: true })) as Response
      expect(accepted.status).toBe(202)
      const location = accepted.headers.get('location') ?? ''
      const operation: unknown = await client
        .api(location)
        .header('Prefer', 'include-unknown-enum-members')
        .get()
      expect(operation).toMatchObject({ operationType: 'archiveTeam', status: 'inProgress' })
      const known = tenant.operation(location)
      known?.succeed()
      expect(await client.api(location).select(['status']).get()).toMatchObject({ status: 'succeeded' })
      expect(await client.api(`/teams/${team.id}`).get()).toMatchObject({ isArchived: true })
    },
  },
  {
    name: 'reads the operation of a chat in beta',
    async run(client, { tenant }) {
      const { location } = tenant.addOperation({ operationType: 'createChat' })
      const read = client.api(location).version('beta').header('Prefer', 'include-unknown-enum-members')
      expect(await read.get()).toMatchObject({ operationType: 'createChat' })
    },
  },
  {
    name: 'takes an error apart',
    async run(client) {
      const error: unknown = await client
        .api(`/teams/${crypto.randomUUID()}/operations`)
        .get()
        .catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(GraphError)
      expect(error).toMatchObject({
        statusCode: 404,
        code: 'NotFound',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      })
    },
  },
  {
    name: 'reads many operations in one batch',
    async run(client, { tenant }) {
      const operations = Array.from({ length: 20 }, () => tenant.addOperation())
      const content = new BatchRequestContent(
        operations.map(({ location }, index) => ({
          id: String(index),
          request: new Request(`${versionless}${location}`),
        })),
      )
      const answer = (await client.api('/$batch').post(await content.getContent())) as ConstructorParameters<
        typeof BatchResponseContent
      >[0]
      const responses = new BatchResponseContent(answer)
      for (const [index, { id }] of operations.entries()) {
        expect(await responses.getResponseById(String(index)).json()).toMatchObject({
          id,
          status: 'inProgress',
        })
      }
    },
  },
  {
    name: 'starts in a batch, where a step depends on another',
    async run(client, { tenant }) {
      const team = tenant.addTeam()
      const start = (id: string, verb: string, dependsOn?: string[]) => ({
        id,
        request: new Request(`${versionless}/teams/${team.id}/${verb}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: '{}',
        }),
        ...(dependsOn ? { dependsOn } : {}),
      })
      const content = new BatchRequestContent([start('1', 'archive'), start('2', 'unarchive', ['1'])])
      const answer = (await client.api('/$batch').post(await content.getContent())) as ConstructorParameters<
        typeof BatchResponseContent
      >[0]
      const responses = new BatchResponseContent(answer)
      for (const id of ['1', '2']) {
        const response = responses.getResponseById(id)
        expect([response.status, response.headers.get('location')]).toEqual([
          202,
          expect.stringContaining(team.id),
        ])
      }
    },
  },
  {
    name: 'follows a list from page to page',
    needsTls: true,
    async run(client, { tenant }) {
      const team = tenant.addTeam()
      const ids = Array.from({ length: 25 }, () => tenant.addOperation({ teamId: team.id }).id)
      const found: string[] = []
      const page = (await client.api(`/teams/${team.id}/operations`).top(10).get()) as { value: unknown[] }
      await new PageIterator(client, page, ({ id }: { id: string }) => {
        found.push(id)
        return true
      }).iterate()
      expect(found).toEqual(ids)
    },
  },
]
