import type { OperationRef } from '../src/operation/operation-ref.ts'
import type { OperationState } from '../src/operation/operation-state.ts'
import type { TeamsAsyncOperation } from '../src/operation/teams-async-operation.ts'

/** The `index`th of as many operations, each of its own team, as a test wants. */
export function refOf(index = 1): OperationRef {
  const teamId = `11111111-1111-4111-8111-${String(index).padStart(12, '0')}`
  const operationId = `22222222-2222-4222-8222-${String(index).padStart(12, '0')}`
  return { location: `/teams('${teamId}')/operations('${operationId}')`, operationId, owner: { teamId } }
}

/** An operation as the recordings have it. */
export function operationOf(ref: OperationRef, status = 'inProgress'): TeamsAsyncOperation {
  const teamId = ref.owner.teamId ?? null
  return {
    id: ref.operationId,
    operationType: 'archiveTeam',
    createdDateTime: '2026-01-01T00:00:00.7884587Z',
    status,
    lastActionDateTime: '2026-01-01T00:00:00.7884587Z',
    attemptsCount: 1,
    targetResourceId: teamId,
    targetResourceLocation: `/teams('${teamId}')`,
    Value: '{"Status":0}',
    error: null,
  }
}

export function stateOf(ref: OperationRef, status = 'inProgress', revision = 1): OperationState {
  return {
    ref,
    operation: operationOf(ref, status),
    revision,
    checks: revision,
    checkedAt: Date.UTC(2026, 0, 1) + revision * 31_000,
    nextCheckAt:
      status === 'succeeded' || status === 'failed'
        ? undefined
        : Date.UTC(2026, 0, 1) + (revision + 1) * 31_000,
    problem: undefined,
  }
}
