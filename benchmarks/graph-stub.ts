import type { Clock, GraphRequest, GraphResponse, OperationRef, Transport } from '@teams-operations/core'

interface BatchItem {
  readonly id: string
  readonly url: string
}

/** What a stub of Graph has answered so far. */
export interface StubCounts {
  requests: number
  reads: number
}

/**
 * Graph reduced to what a benchmark must not measure: reads of operations, alone or in a `$batch`, answered
 * in `latencyMs` with a body as it was recorded. It keeps nothing, so that all memory is the client's.
 */
export function createGraphStub(
  clock: Clock,
  {
    latencyMs = 100,
    statusOf = () => 'inProgress',
  }: { latencyMs?: number; statusOf?: (path: string) => string } = {},
): { transport: Transport; counts: StubCounts } {
  const counts: StubCounts = { requests: 0, reads: 0 }
  const read = (path: string): unknown => {
    counts.reads += 1
    return recordedBody(path, statusOf(path))
  }
  const answer = ({ method, url, body }: GraphRequest): unknown => {
    counts.requests += 1
    if (method === 'GET') return read(url)
    const { requests } = JSON.parse(body ?? '') as { readonly requests: readonly BatchItem[] }
    return {
      responses: requests.map((item) => ({ id: item.id, status: 200, headers: {}, body: read(item.url) })),
    }
  }
  const transport: Transport = {
    authenticates: true,
    send: (request) =>
      new Promise<GraphResponse>((resolve) => {
        clock.timer(latencyMs, () =>
          resolve({ status: 200, headers: new Headers(), body: JSON.stringify(answer(request)) }),
        )
      }),
  }
  return { transport, counts }
}

/** The body of an archive under way, as recorded. */
function recordedBody(path: string, status: string): unknown {
  const [, teamId = '', operationId = ''] = /teams\('([^']+)'\)\/operations\('([^']+)'\)/.exec(path) ?? []
  return {
    '@odata.context': `https://graph.microsoft.com/v1.0/$metadata#teams('${teamId}')/operations/$entity`,
    id: operationId,
    operationType: 'archiveTeam',
    createdDateTime: '2021-12-15T08:57:48.7884587Z',
    status,
    lastActionDateTime: '2021-12-15T08:57:48.7884587Z',
    attemptsCount: 1,
    targetResourceId: teamId,
    targetResourceLocation: `/teams('${teamId}')`,
    Value: `{"Status":0,"PreArchivalMembersPermission":0,"WorkFlowId":"uksouth.${operationId}"}`,
    error: null,
  }
}

/** The location of the `index`th of as many operations, each of a team of its own. */
export function locationOf(index: number): OperationRef['location'] {
  const hex = index.toString(16).padStart(12, '0')
  return `/teams('d40d729b-df60-4b57-ac8f-${hex}')/operations('6aba218b-509e-42e2-b8fe-${hex}')`
}
