import type { StartRequest } from '@teams-operations/core'
import { Kind, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { UserInputError } from '../errors/user-input-error.ts'
import type { GatewayContext } from './context.ts'
import type { StartMethod } from './start-access.ts'

/** `StartedOperation` of the contract. */
export interface StartedOperation {
  readonly location: string
  readonly ref: { readonly location: string }
}

type StartField<Arguments> = (
  parent: unknown,
  args: Arguments,
  context: GatewayContext,
  info: GraphQLResolveInfo,
) => Promise<StartedOperation>

/**
 * A field of `Mutation` that starts what its arguments ask for, once.
 *
 * @param build throws a `TypeError` for arguments that can't be
 * @param teamOf the team that they name
 */
export function startField<Arguments extends object>(
  method: StartMethod,
  build: (args: Arguments) => StartRequest,
  teamOf: (args: Arguments) => string | undefined,
): StartField<Arguments> {
  return async (_, args, { operations, principal, authorizeStart }, info) => {
    expectSingleField(info)
    const request = buildRequest(() => build(args))
    if (!(await authorizeStart(principal, { method, teamId: teamOf(args), request }))) {
      throw new ForbiddenError(
        `Not allowed to ${request.description}.`,
        `${principal.id} may not ${request.description}`,
      )
    }
    // Without the signal of the client: who leaves while it is under way must not make it uncertain.
    const { location } = await operations.submit(request)
    return { location, ref: { location } }
  }
}

function buildRequest(build: () => StartRequest): StartRequest {
  try {
    return build()
  } catch (error) {
    if (error instanceof TypeError) throw new UserInputError(`${error.message}.`)
    throw error
  }
}

/**
 * The fields of a mutation are not nullable: the failure of one takes the answers of all others along, and
 * with them the locations of what was started.
 */
function expectSingleField({ operation, fragments }: GraphQLResolveInfo): void {
  const names = new Set<string>()
  const spread = new Set<string>()

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value !== '__typename') names.add((selection.alias ?? selection.name).value)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet)
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value)
        const fragment = fragments[selection.name.value]
        if (fragment) collect(fragment.selectionSet)
      }
    }
  }

  collect(operation.selectionSet)
  if (names.size > 1) {
    throw new UserInputError(
      `Expected one field in a mutation, got ${names.size}: ${[...names].join(', ')}. ` +
        'Send a document for each. Nothing was started.',
    )
  }
}
