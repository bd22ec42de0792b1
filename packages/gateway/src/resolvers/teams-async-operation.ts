import {
  isTerminal,
  knownOperationTypes,
  knownStatuses,
  type OperationState,
  type PollingProblem,
  type PollingProblemCode,
} from '@teams-operations/core'
import { problemMessage } from '../errors/problem-message.ts'
import { memberName } from './member-name.ts'
import type { Resolvers } from './resolvers.ts'

const problemCodes: Readonly<Record<PollingProblemCode, string>> = {
  throttled: 'THROTTLED',
  'graph-unavailable': 'GRAPH_UNAVAILABLE',
  'no-connection': 'NO_CONNECTION',
  'no-answer': 'NO_ANSWER',
  'unusable-body': 'UNUSABLE_BODY',
  'not-replicated': 'NOT_REPLICATED',
  'no-token': 'NO_TOKEN',
  unauthenticated: 'UNAUTHENTICATED',
}

/** An operation in GraphQL is a state of the core: what Graph said, and how it came to be known. */
export const teamsAsyncOperationResolvers: Resolvers = {
  TeamsAsyncOperation: {
    id: ({ operation }: OperationState) => operation.id,
    operationType: ({ operation }: OperationState) =>
      memberName(operation.operationType, knownOperationTypes),
    createdDateTime: ({ operation }: OperationState) => operation.createdDateTime,
    status: ({ operation }: OperationState) => memberName(operation.status, knownStatuses),
    lastActionDateTime: ({ operation }: OperationState) => operation.lastActionDateTime,
    attemptsCount: ({ operation }: OperationState) => operation.attemptsCount,
    targetResourceId: ({ operation }: OperationState) => operation.targetResourceId,
    targetResourceLocation: ({ operation }: OperationState) => operation.targetResourceLocation,
    error: ({ operation }: OperationState) => operation.error,
    location: ({ ref }: OperationState) => ref.location,
    isTerminal: ({ operation }: OperationState) => isTerminal(operation.status),
    polling: (state: OperationState) => state,
  },
  OperationPolling: {
    checkedDateTime: ({ checkedAt }: OperationState) => dateTime(checkedAt),
    nextCheckDateTime: ({ nextCheckAt }: OperationState) =>
      nextCheckAt === undefined ? null : dateTime(nextCheckAt),
  },
  PollingProblem: {
    code: ({ code }: PollingProblem) => problemCodes[code],
    message: (problem: PollingProblem) => problemMessage(problem),
    sinceDateTime: ({ sinceAt }: PollingProblem) => dateTime(sinceAt),
  },
}

function dateTime(at: number): string {
  return new Date(at).toISOString()
}
