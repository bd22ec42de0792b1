import { operationKey, type OwnerKind } from '../model/resource-id.ts'
import type { SimulatedOperation } from '../model/simulated-operation.ts'
import type { Reply } from '../reply.ts'
import { collection, contextSuffix, countReply, selectedProperties, selectFrom } from './collection.ts'
import { enumViewOf, type EnumView } from './evolvable-enum.ts'
import { GraphError, badRequest, notFound } from './graph-error.ts'
import {
  chatOf,
  contextOf,
  ofChat,
  ofJoinedTeam,
  ofTeam,
  ok,
  teamOf,
  type Route,
  type RouteCall,
} from './route.ts'

/** Reading operations: of teams in both versions, of chats in beta only. */
export const operationRoutes: readonly Route[] = [
  ...readsOf('team', ofTeam),
  ...readsOf('team', ofJoinedTeam).map((route): Route => ({ ...route, versions: ['v1.0'] })),
  ...readsOf('chat', ofChat).map((route): Route => ({ ...route, versions: ['beta'] })),
]

function readsOf(ownerKind: OwnerKind, paths: (rest: string) => string[]): Route[] {
  const common = { method: 'GET', limit: 'get' } as const
  return [
    {
      ...common,
      name: 'operation',
      kind: 'check',
      paths: paths('/operations/{operationId}'),
      handle: (call) => readOperation(call, ownerKind),
    },
    {
      ...common,
      name: 'operations',
      kind: 'list',
      paths: paths('/operations'),
      handle: (call) => listOperations(call, ownerKind),
    },
    {
      ...common,
      name: 'operations/$count',
      kind: 'read',
      paths: paths('/operations/$count'),
      handle: (call) => countReply(visibleOperations(call, ownerKind)),
    },
  ]
}

function readOperation(call: RouteCall, ownerKind: OwnerKind): Reply {
  const ownerId = call.params[`${ownerKind}Id`] ?? ''
  const operationId = call.params['operationId'] ?? ''
  const operation = call.tenant.operation(operationKey(ownerKind, ownerId, operationId))
  if (!operation) {
    requireOwner(call, ownerKind)
    throw operationNotFound(operationId)
  }
  const { presence } = operation
  if (presence === 'purged' && operation.purgeStatus === 410) {
    throw new GraphError(410, 'Gone', `The operation '${operationId}' is no longer available.`)
  }
  if (presence !== 'present') throw operationNotFound(operationId)
  const select = selectedProperties(call)
  const view = enumViewOf(call.exchange)
  const context = `${ownerKind}s('${operation.identity.ownerId}')/operations${contextSuffix(select)}/$entity`
  const json = {
    '@odata.context': contextOf(call, context),
    ...selectFrom(operationJson(operation, view), select),
  }
  return ok(json, view.headers)
}

function listOperations(call: RouteCall, ownerKind: OwnerKind): Reply {
  const view = enumViewOf(call.exchange)
  const operations = visibleOperations(call, ownerKind).filter(filterOf(call, view))
  return collection(call, operations, (operation) => operationJson(operation, view), {
    context: `${ownerKind}s('${call.params[`${ownerKind}Id`]}')/operations`,
    headers: view.headers,
  })
}

function visibleOperations(call: RouteCall, ownerKind: OwnerKind): readonly SimulatedOperation[] {
  const operations = call.tenant.operationsOf(call.params[`${ownerKind}Id`] ?? '')
  if (operations.length === 0) requireOwner(call, ownerKind)
  return operations.filter(({ presence }) => presence === 'present')
}

/** A team that is still being created has operations before it can be read. */
function requireOwner(call: RouteCall, ownerKind: OwnerKind): void {
  if (ownerKind === 'team') teamOf(call)
  else chatOf(call)
}

function operationNotFound(operationId: string): GraphError {
  return notFound(`No operation found with id '${operationId}'.`)
}

/** Property by property in the order of the recorded traffic, the undeclared one included. */
function operationJson(operation: SimulatedOperation, view: EnumView): Readonly<Record<string, unknown>> {
  const { id, createdDateTime, targetResourceId, targetResourceLocation, value, ownerKind } =
    operation.identity
  const { status, lastActionDateTime, attemptsCount, error } = operation.view()
  return {
    id,
    operationType: view.operationType(operation.operationType),
    createdDateTime,
    status: view.status(status),
    lastActionDateTime,
    attemptsCount,
    targetResourceId,
    targetResourceLocation,
    [ownerKind === 'team' ? 'Value' : 'values']: value(status),
    error,
  }
}

const equation = /^(status|operationType) eq '([^']*)'$/

/** `$filter` by status or type, joined with `and`. */
function filterOf({ exchange }: RouteCall, view: EnumView): (operation: SimulatedOperation) => boolean {
  const filter = exchange.request.url.searchParams.get('$filter')
  if (filter === null) return () => true
  const wanted = filter.split(' and ').map((clause) => {
    const match = equation.exec(clause.trim())
    if (!match) throw badRequest(`Invalid filter clause: '${clause}' is not supported.`)
    const member = match[2] as string
    if (!view.mayFilterBy(member)) {
      throw badRequest(
        `Invalid filter clause: '${member}' needs the preference include-unknown-enum-members.`,
      )
    }
    return { property: match[1] as 'status' | 'operationType', member }
  })
  return (operation) => wanted.every(({ property, member }) => view[property](operation[property]) === member)
}
