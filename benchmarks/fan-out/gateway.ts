import { createGateway } from '@teams-operations/gateway'
import { listen, type Contender } from './contender.ts'

/** The gateway as it comes, with all of its limits. */
export const gateway: Contender = async (operations) => {
  const { handleRequest, handleUpgrade } = createGateway({ operations })
  const server = await listen(handleRequest)
  return server.on('upgrade', handleUpgrade)
}
