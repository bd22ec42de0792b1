import {
  getOperationAST,
  Kind,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type OperationDefinitionNode,
  type SelectionNode,
  type VariableNode,
} from 'graphql'
import { coercedEntries } from './coerced-variables.ts'

/** The values of variables by name, after coercion, so that equal ones are written equally. */
export type VariableEntries = readonly (readonly [name: string, value: unknown])[]

/**
 * The variables of a valid subscription that its results depend on, whatever its events are: all but those
 * that only the arguments of its root field use.
 *
 * @throws GraphQLError when a value is not as the document has it
 */
export function createSelectionVariables(): (args: ExecutionArgs) => VariableEntries {
  /** What is in the document is found out once. */
  const namesIn = new WeakMap<OperationDefinitionNode, readonly string[]>()

  return (args) => {
    const { document, operationName } = args
    const operation = getOperationAST(document, operationName)
    if (!operation) return []
    const names = namesIn.get(operation) ?? selectionVariableNames(document, operation)
    namesIn.set(operation, names)
    if (names.length === 0) return []
    return coercedEntries(args, operation).filter(([name]) => names.includes(name))
  }
}

function selectionVariableNames(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly string[] {
  const names = new Set<string>()
  const find = { Variable: ({ name }: VariableNode): void => void names.add(name.value) }
  for (const selection of operation.selectionSet.selections) visit(withoutArguments(selection), find)
  for (const definition of document.definitions) {
    // Also those that this operation does not spread: no harm is done by sharing less.
    if (definition.kind === Kind.FRAGMENT_DEFINITION) visit(definition, find)
  }
  return [...names]
}

function withoutArguments(selection: SelectionNode): SelectionNode {
  return selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection
}
