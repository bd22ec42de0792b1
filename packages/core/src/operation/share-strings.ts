import type { OperationRef } from './operation-ref.ts'
import { knownOperationTypes, knownStatuses, type TeamsAsyncOperation } from './teams-async-operation.ts'

/**
 * The same operation, with one string where it has equal ones: its own, those of its reference and the
 * names that Graph is known to use. Parsing makes a new string of every value, which is an eighth of all
 * that a followed operation takes.
 */
export function shareStrings(operation: TeamsAsyncOperation, ref: OperationRef): TeamsAsyncOperation {
  const { targetResourceId, targetResourceLocation } = operation
  const { id, status, operationType, createdDateTime, lastActionDateTime } = operation
  const ownerId = ref.owner.teamId ?? ref.owner.chatId
  return {
    ...operation,
    id: id === ref.operationId ? ref.operationId : id,
    status: knownStatuses.find((known) => known === status) ?? status,
    operationType: knownOperationTypes.find((known) => known === operationType) ?? operationType,
    lastActionDateTime: lastActionDateTime === createdDateTime ? createdDateTime : lastActionDateTime,
    targetResourceId: targetResourceId === ownerId ? ownerId : targetResourceId,
    targetResourceLocation:
      targetResourceLocation !== null && ref.location.startsWith(targetResourceLocation)
        ? ref.location.slice(0, targetResourceLocation.length)
        : targetResourceLocation,
  }
}
