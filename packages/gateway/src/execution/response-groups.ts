import type { DocumentNode, ExecutionArgs, ExecutionResult } from 'graphql'
import type { PresentError } from '../errors/present-error.ts'
import type { GatewayCounts } from '../observability/gateway-counts.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import { nobodysAccess } from '../resolvers/operation-access.ts'
import type { SourceStream } from '../subscriptions/source-stream.ts'
import { presentResult } from './present-results.ts'
import type { Recipient } from './recipient.ts'
import { ResponseGroup } from './response-group.ts'
import type { ResponseStream } from './response-stream.ts'
import { createSelectionVariables } from './selection-variables.ts'
import { SharedResult } from './shared-result.ts'
import { executeEvent, readArguments } from './subscription-arguments.ts'

/** Where all who subscribed to the same meet. */
export interface ResponseGroups {
  /**
   * Has the results of a subscription sent to a recipient. They are made once for all who share its source.
   *
   * @throws GraphQLError when variables are not as the document has them
   */
  join(args: ExecutionArgs, source: SourceStream, recipient: Recipient): ResponseStream
  /** How many subscriptions are executed for each of their events. */
  readonly size: number
}

export interface ResponseGroupsOptions {
  readonly present: PresentError
  readonly counts: Pick<GatewayCounts, 'executed'>
}

export function createResponseGroups({ present, counts }: ResponseGroupsOptions): ResponseGroups {
  /** A document is parsed once, so that it is known by its identity. */
  const groups = new Map<DocumentNode, Map<string, ResponseGroup>>()
  const selectionVariables = createSelectionVariables()
  let size = 0

  /** What is the same for all who share, besides the document; `undefined` where nobody may. */
  function sharingKey(args: ExecutionArgs, { sharedAs }: SourceStream): string | undefined {
    if (sharedAs === undefined) return undefined
    const { accessClass } = contextOf(args).principal
    return JSON.stringify([accessClass, args.operationName, sharedAs, selectionVariables(args)])
  }

  function open(args: ExecutionArgs, source: SourceStream, forget: () => void): ResponseGroup {
    const shared = readArguments({ ...args, contextValue: sharedContext(contextOf(args)) })
    if (!('schema' in shared)) throw shared[0] ?? new Error('Expected an error to say what is wrong')
    size += 1
    return new ResponseGroup({
      source,
      respond(event) {
        counts.executed()
        return respond(() => executeEvent(shared, event), present)
      },
      fail: (error) => ({ errors: [present(error)] }),
      onClosed: () => {
        size -= 1
        forget()
      },
    })
  }

  return {
    get size() {
      return size
    },
    join(args, source, recipient) {
      const key = sharingKey(args, source)
      if (key === undefined) return open(args, source, () => {}).join(recipient)
      const { document } = args
      const ofDocument = groups.get(document) ?? new Map<string, ResponseGroup>()
      const known = ofDocument.get(key)
      if (known) return known.join(recipient)
      const group = open(args, source, () => {
        ofDocument.delete(key)
        if (ofDocument.size === 0) groups.delete(document)
      })
      groups.set(document, ofDocument.set(key, group))
      return group.join(recipient)
    },
  }
}

function contextOf({ contextValue }: ExecutionArgs): GatewayContext {
  return contextValue as GatewayContext
}

/** What is executed for several does not know any of them, and does not end because one of them leaves. */
function sharedContext(context: GatewayContext): GatewayContext {
  const { operations, clock, principal, authorizeStart, maxRefs, overviewPace } = context
  const { accessClass } = principal
  return {
    operations,
    clock,
    authorizeStart,
    maxRefs,
    overviewPace,
    principal: { id: accessClass, accessClass },
    access: nobodysAccess,
    inTurn: (list) => list(),
    signal: new AbortController().signal,
  }
}

/** @returns the result for an event; never throws or rejects */
function respond(
  execute: () => ExecutionResult | Promise<ExecutionResult>,
  present: PresentError,
): SharedResult | Promise<SharedResult> {
  const refuse = (error: unknown): SharedResult => new SharedResult({ errors: [present(error)], data: null })
  const accept = (result: ExecutionResult): SharedResult => new SharedResult(presentResult(result, present))
  try {
    const result = execute()
    return result instanceof Promise ? result.then(accept).catch(refuse) : accept(result)
  } catch (error) {
    return refuse(error)
  }
}
