// Serves the dashboard with a simulated Microsoft Graph behind it, until Ctrl-C.
import { serveDashboard } from './serve-dashboard.ts'

const dashboard = await serveDashboard({ port: Number(process.env['PORT'] ?? 4200) })
console.log(`The dashboard is at ${dashboard.origin}`)

process.once('SIGINT', () => void dashboard[Symbol.asyncDispose]())
process.once('SIGTERM', () => void dashboard[Symbol.asyncDispose]())
