import type { OperationOwner, OperationState } from '@teams-operations/core'
import { UserInputError } from '../errors/user-input-error.ts'
import type { GatewayContext } from './context.ts'
import { visibleOperations } from './visible-operations.ts'

/** The most operations that one page may ask for. */
const MAX_PAGE_SIZE = 100
const DEFAULT_PAGE_SIZE = 20

export interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
}

export interface OperationConnection {
  readonly edges: readonly OperationEdge[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

interface OperationEdge {
  readonly cursor: string
  readonly node: OperationState
}

/**
 * A page of the operations of a team or chat. A cursor is the id of an operation, so that it stays good
 * while newer operations come in at the front; the pages before it are read again to find it.
 */
export async function operationConnection(
  owner: OperationOwner,
  { first, after }: PageArguments,
  context: GatewayContext,
): Promise<OperationConnection> {
  const { access } = context
  const size = pageSize(first)
  const afterId = after == null ? undefined : operationIdOf(after)
  await access.demandOwner(owner)
  const found: OperationEdge[] = []
  let isBehindCursor = afterId === undefined
  let hasNextPage = false
  for await (const operation of context.operations.list(owner, { signal: context.signal })) {
    if (!isBehindCursor) {
      isBehindCursor = operation.id === afterId
      continue
    }
    const ref = context.operations.ref({ ...owner, operationId: operation.id })
    if (!(await access.allows(ref))) continue
    if (found.length === size) {
      hasNextPage = true
      break
    }
    found.push({
      cursor: cursorOf(operation.id),
      node: {
        ref,
        operation,
        revision: 0,
        checks: 0,
        checkedAt: context.clock.now(),
        nextCheckAt: undefined,
        problem: undefined,
      },
    })
  }
  if (!isBehindCursor) throw unknownCursor()
  // Graph takes its time, in which they may have lost the right to see it.
  await access.demandOwner(owner)
  const visible = new Set(
    await visibleOperations(
      found.map(({ node }) => node),
      access,
    ),
  )
  const edges = found.filter(({ node }) => visible.has(node))
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: afterId !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

function pageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE_SIZE
  if (size >= 1 && size <= MAX_PAGE_SIZE) return size
  throw new UserInputError(`Expected \`first\` to be from 1 to ${MAX_PAGE_SIZE}, got ${size}.`)
}

function cursorOf(operationId: string): string {
  return Buffer.from(operationId).toString('base64url')
}

function operationIdOf(cursor: string): string {
  const operationId = Buffer.from(cursor, 'base64url').toString()
  // Node skips what is not base64url: only what encodes to itself was a cursor.
  if (operationId === '' || cursorOf(operationId) !== cursor) throw unknownCursor()
  return operationId
}

function unknownCursor(): UserInputError {
  return new UserInputError(
    'Expected `after` to be the cursor of an operation in this list, got one of no operation in it. ' +
      'Pass an endCursor of the same list, or leave it out to start at the front.',
  )
}
