import { fetchTransport, type Transport } from '@teams-operations/core'
import { entraKeysUrl } from '../../access/entra-cloud.ts'
import type { Configuration } from '../configuration.ts'
import { reasonsOf, type Finding } from './finding.ts'
import { withinTime } from './within-time.ts'

/** Without the keys of the tenant nobody could be let in. */
export async function checkSigningKeys(
  { cloud, entraTenantId = '' }: Pick<Configuration, 'cloud' | 'entraTenantId'>,
  transport: Transport = fetchTransport(),
): Promise<Finding> {
  const { href } = entraKeysUrl(cloud, entraTenantId)
  const what = `The keys that tokens of the tenant ${entraTenantId} are signed with`
  try {
    const { status } = await withinTime((signal) =>
      transport.send({ method: 'GET', url: href, headers: {} }, signal),
    )
    if (status === 200) return { what, isGood: true, lines: [`At ${href}.`] }
    return {
      what,
      isGood: false,
      lines: [`${href} answers ${status}: there is no such tenant in this cloud.`],
    }
  } catch (error) {
    return { what, isGood: false, lines: [`${href} cannot be reached.`, ...reasonsOf(error)] }
  }
}
