import type { Random } from '../random.ts'

const regions = ['uksouth', 'westeurope', 'northeurope']
const workflowStatus: Readonly<Record<string, number>> = { succeeded: 1, failed: 2 }

/** The JSON that the service keeps with an operation and lets through to clients, as recorded. */
export function workflowOf(
  operationType: string,
  appIds: readonly string[] | undefined,
  random: Random,
): (status: string) => string {
  if (operationType === 'createChat') {
    const value = JSON.stringify({ appIds: appIds ?? [random.guid()] })
    return () => value
  }
  const workflowId = `${regions[random.integer(0, regions.length - 1)]}.${random.guid()}`
  if (operationType === 'createTeam' || operationType === 'cloneTeam') {
    const value = JSON.stringify({ apps: [], channels: [], WorkflowId: workflowId })
    return () => value
  }
  return (status) =>
    JSON.stringify({
      Status: workflowStatus[status] ?? 0,
      PreArchivalMembersPermission: 0,
      WorkFlowId: workflowId,
    })
}
