import type { AuthOptions } from '../access/auth-options.ts'
import { entra } from '../access/entra.ts'
import type { ReportRefusal } from '../access/identity.ts'
import type { Configuration } from './configuration.ts'

/** Who may use the gateway, as it was configured. */
export function authOptions(configuration: Configuration, onRefused: ReportRefusal): AuthOptions {
  const { auth, entraTenantId, entraAudience, requiredScopes, requiredRoles, cloud } = configuration
  if (auth === 'none') return { onRefused }
  return {
    onRefused,
    authenticator: entra({
      tenantId: entraTenantId ?? '',
      audience: entraAudience,
      requiredScopes,
      requiredRoles,
      cloud,
    }),
  }
}
