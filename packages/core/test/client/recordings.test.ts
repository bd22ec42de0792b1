import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createOperationsClient } from '../../src/client.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { unarchiveTeam } from '../../src/graph/start/unarchive-team.ts'
import type { GraphRequest, Transport } from '../../src/graph/transport.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { record } from './record.ts'
import { disposeAfterTest, seededRandom, steadyCredential } from './simulated-client.ts'

/** Answers of Microsoft Graph to the archiving and unarchiving of teams, in the order in which they came. */
interface Recording {
  readonly runs: readonly { readonly name: string; readonly responses: readonly RecordedResponse[] }[]
}

type RecordedResponse = RecordedAcceptance | RecordedOperation

interface RecordedAcceptance {
  readonly kind: 'accepted'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface RecordedOperation {
  readonly kind: 'operation'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const file = new URL('../../../../../shared/graph-recordings/archive-unarchive.v1.0.json', import.meta.url)
const isMissing = !existsSync(file)
const why = 'There is no recording beside the repository'
const { runs }: Recording = isMissing
  ? { runs: [{ name: 'none', responses: [] }] }
  : (JSON.parse(readFileSync(file, 'utf8')) as Recording)

/** An acceptance, and the answers to the checks of the operation that it names. */
interface Episode {
  readonly accepted: RecordedAcceptance
  readonly operations: readonly RecordedOperation[]
}

function episodesOf(responses: readonly RecordedResponse[]): readonly Episode[] {
  const episodes: { accepted: RecordedAcceptance; operations: RecordedOperation[] }[] = []
  for (const response of responses) {
    if (response.kind === 'accepted') episodes.push({ accepted: response, operations: [] })
    else episodes.at(-1)?.operations.push(response)
  }
  return episodes
}

/** Gives the recorded answers in their order, whatever is asked for. */
function replay(
  responses: readonly RecordedResponse[],
  statusOfReads?: number,
): Transport & { readonly requests: readonly GraphRequest[] } {
  const requests: GraphRequest[] = []
  return {
    requests,
    async send(request) {
      const response = responses[requests.length]
      requests.push(request)
      if (!response)
        throw new Error(`Expected ${responses.length} requests, got another one to ${request.url}`)
      const { kind, status, headers, body } = response
      return {
        status: kind === 'operation' ? (statusOfReads ?? status) : status,
        headers: new Headers(headers),
        body: kind === 'operation' ? JSON.stringify(body) : body,
      }
    },
  }
}

describe('recorded traffic', () => {
  // As it was recorded, and as the documentation of the beta has it: the status of the operation is in the body.
  describe.each([200, 202])('with its reads answered %i', (statusOfReads) => {
    test.for(runs)('gives exactly the recorded states: $name', async ({ responses }, { skip }) => {
      skip(isMissing, why)
      const clock = createVirtualClock()
      const transport = replay(responses, statusOfReads)
      const credential = steadyCredential(clock)
      const random = seededRandom(1)
      const operations = createOperationsClient({ credential, transport, clock, random })
      disposeAfterTest(operations, clock)

      for (const { accepted, operations: reads } of episodesOf(responses)) {
        const first = reads[0]?.body
        const teamId = String(first?.targetResourceId)
        const start = first?.operationType === 'unarchiveTeam' ? unarchiveTeam(teamId) : archiveTeam(teamId)
        const ref = await operations.submit(start)
        expect(ref.location).toBe(accepted.headers.location)

        const changes = record(operations.watch(ref))
        const checks = record(operations.watch(ref, { everyCheck: true }))
        await clock.advanceUntil(() => checks.completed)
        expect(checks.values.map(({ operation }) => operation)).toEqual(reads.map(({ body }) => kept(body)))
        expect(changes.values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
        expect(changes.values.map(({ revision }) => revision)).toEqual([1, 2])
        expect(changes.completed).toBe(true)
        for (const { operation } of checks.values) {
          expect(operation.lastActionDateTime).toBe(operation.createdDateTime)
          expect(operation.Value).toMatch(/^\{"Status":[01],/)
          expect(operation.attemptsCount).toBe(1)
        }
      }
      expect(transport.requests).toHaveLength(responses.length)
    })
  })

  test('is asked for as it was then, with what the recording client left out', async ({ skip }) => {
    skip(isMissing, why)
    const [{ responses } = { responses: [] }] = runs
    const clock = createVirtualClock()
    const transport = replay(responses)
    const operations = createOperationsClient({ credential: steadyCredential(clock), transport, clock })
    disposeAfterTest(operations, clock)
    const [{ operations: reads } = { operations: [] }] = episodesOf(responses)
    const teamId = String(reads[0]?.body.targetResourceId)
    const ref = await operations.submit(archiveTeam(teamId))
    const { values } = record(operations.watch(ref))
    await clock.advanceUntil(() => values.length === 2)
    expect(transport.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `POST https://graph.microsoft.com/v1.0/teams/${teamId}/archive`,
      `GET https://graph.microsoft.com/v1.0/teams('${teamId}')/operations('${ref.operationId}')`,
      `GET https://graph.microsoft.com/v1.0/teams('${teamId}')/operations('${ref.operationId}')`,
    ])
    expect(transport.requests[1]?.headers).toMatchObject({ Prefer: 'include-unknown-enum-members' })
  })
})

/** What is kept of a body: all but the annotation of the response. */
function kept({ '@odata.context': _context, ...body }: RecordedOperation['body']): Record<string, unknown> {
  return body
}
